namespace Microsoft.ML.Mamba.Audio;

/// <summary>Where waveforms come from and go to.</summary>
/// <param name="Output">The column of waveforms.</param>
/// <param name="Input">The column of paths.</param>
/// <param name="SampleRate">The column of sample rates; null for none.</param>
/// <param name="Folder">What relative paths are relative to; empty for the current folder.</param>
internal sealed record WavColumnNames(string Output, string Input, string? SampleRate, string Folder)
{
    /// <exception cref="ArgumentException">A name is empty, or the two outputs have the same.</exception>
    public void Check()
    {
        AudioColumns.RequireName(Output, "outputColumnName");
        AudioColumns.RequireName(Input, "inputColumnName");
        if (SampleRate is not null)
            AudioColumns.RequireName(SampleRate, "sampleRateColumnName");
        if (SampleRate == Output)
            throw new ArgumentException($"outputColumnName and sampleRateColumnName must differ; both are '{Output}'.", "sampleRateColumnName");
        ArgumentNullException.ThrowIfNull(Folder, "folder");
    }
}

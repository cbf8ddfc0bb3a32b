namespace Microsoft.ML.Mamba.Audio;

internal enum WavEncoding
{
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
}

/// <summary>How a WAV file holds its samples.</summary>
/// <param name="Encoding">The type of a sample.</param>
/// <param name="Channels">Samples of a block, one a channel.</param>
/// <param name="SampleRate">Blocks a second.</param>
/// <param name="BytesPerSample">Bytes of a sample.</param>
/// <param name="DataOffset">Where the first block starts, in bytes from the start of the file.</param>
/// <param name="Blocks">Blocks that the file really has.</param>
internal sealed record WavHeader(WavEncoding Encoding, int Channels, int SampleRate, int BytesPerSample, long DataOffset, int Blocks)
{
    public int BytesPerBlock => Channels * BytesPerSample;
}

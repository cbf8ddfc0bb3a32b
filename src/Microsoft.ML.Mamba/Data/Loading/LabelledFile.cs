namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>A row of a folder listing. The columns have the properties' order.</summary>
internal sealed class LabelledFile
{
    public string File { get; set; } = "";

    public string Label { get; set; } = "";

    public string Name { get; set; } = "";
}

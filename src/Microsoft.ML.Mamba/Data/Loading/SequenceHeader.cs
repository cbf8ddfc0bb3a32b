namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>The parts of a header.</summary>
internal static class SequenceHeader
{
    public static (string Id, string Description) Split(string header)
    {
        ReadOnlySpan<char> text = header.AsSpan().Trim(" \t");
        int blank = text.IndexOfAny(' ', '\t');
        return blank < 0 ? (text.ToString(), "") : (text[..blank].ToString(), text[blank..].TrimStart(" \t").ToString());
    }
}

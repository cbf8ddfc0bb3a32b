namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Where a token stands in the text that it was read from.</summary>
/// <param name="Start">Its first character (UTF-16), counted from 0.</param>
/// <param name="Length">The characters from its first to its last; at least 1.</param>
public readonly record struct TokenSpan(int Start, int Length);

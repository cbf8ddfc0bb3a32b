namespace Microsoft.ML.Mamba;

/// <summary>What the sequences are; it decides which defaults unset options take.</summary>
public enum MambaModality
{
    /// <summary>
    /// By the input column: vectors of Single are <see cref="Frames"/>, vectors of keys or integers <see cref="Tokens"/>; text is <see cref="Dna"/>
    /// where the training rows look like nucleotide sequences, else <see cref="Text"/>. The choice is logged.
    /// </summary>
    Auto = 0,

    /// <summary>Nucleotide sequences in a text column.</summary>
    Dna = 1,

    /// <summary>Natural language, or any other text, in a text column.</summary>
    Text = 2,

    /// <summary>Signals and time series: a vector of Single.</summary>
    Frames = 3,

    /// <summary>Token ids made elsewhere: a vector of keys or integers.</summary>
    Tokens = 4,
}

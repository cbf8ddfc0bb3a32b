namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>
    /// Tokens (or frames; with <see cref="PatchLength"/>: patches) of a chunk in which longer training sequences are run, carrying the
    /// state from chunk to chunk while gradients stop at their borders (truncated back-propagation through time), so that memory holds the
    /// insides of one chunk only. Some hundreds and up are sensible. 1 to 1,073,741,824, or 0 for whole sequences. Scoring is not
    /// concerned: it runs long sequences in pieces with the same result. Default null: the preset's.
    /// </summary>
    public int? BackpropagationLength { get; set; }
}

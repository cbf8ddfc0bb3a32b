using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Data;

/// <summary>How the values of a sequence column become what the engine reads.</summary>
/// <param name="Kind">How the column holds sequences.</param>
/// <param name="Tokenizer">For text; null otherwise.</param>
/// <param name="Frames">For frames; null otherwise.</param>
/// <param name="VocabSize">For keys and integers: ids must be below.</param>
internal sealed record SequenceCoding(SequenceKind Kind, SequenceTokenizer? Tokenizer, FramePreparation? Frames, int VocabSize)
{
    /// <summary>Channels of a frame; 0 for tokens.</summary>
    public int Channels => Frames?.Channels ?? 0;
}

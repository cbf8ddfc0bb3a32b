using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba;

/// <summary>
/// Options of a <see cref="MambaClassificationEstimator"/>: columns, sequences, scoring and execution here, the model and its training
/// further down.
/// </summary>
/// <remarks>
/// An option that is left null takes the value of the modality's preset, <see cref="ForDna"/>, <see cref="ForText"/> or <see cref="ForFrames"/>; the preset is
/// chosen by <see cref="Modality"/>, and what was used is logged. Ranges are checked when the estimator is made, which takes a copy. Not thread-safe.
/// </remarks>
public sealed partial class MambaClassificationOptions
{
    internal const int MaxScoringBatchRows = 65_536;

    /// <summary>
    /// The label column: a key of 2 to 16,777,216 values, of any raw type; <c>Conversion.MapValueToKey</c> makes one. Rows with a missing
    /// label are skipped. Default <c>Label</c>.
    /// </summary>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>
    /// The column with the sequences: text; a vector of Single, <c>[length]</c> or <c>[length, channels]</c>, of fixed or variable length;
    /// or a vector of keys or integers. Default <c>Sequence</c>.
    /// </summary>
    public string SequenceColumnName { get; set; } = "Sequence";

    /// <summary>The column for the predicted label: a key with the label's values. Default <c>PredictedLabel</c>.</summary>
    public string OutputColumnName { get; set; } = "PredictedLabel";

    /// <summary>
    /// The column for the probabilities: a vector of Single, one a class, that sums to 1, with the classes' names as slot names. Default
    /// <c>Score</c>.
    /// </summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>What the sequences are, which decides the preset. Default <see cref="MambaModality.Auto"/>.</summary>
    public MambaModality Modality { get; set; }

    /// <summary>How text becomes tokens; what it learns, it learns from the training rows. Default null: the preset's.</summary>
    public TokenizerOptions? Tokenizer { get; set; }

    /// <summary>
    /// A tokenizer made elsewhere, such as a <see cref="MicrosoftTokenizer"/>, instead of <see cref="Tokenizer"/>. Default null.
    /// </summary>
    public SequenceTokenizer? CustomTokenizer { get; set; }

    /// <summary>
    /// Channels of a frame where the sequence column is a flattened vector of Single, <c>length x channels</c> values a row, frame by frame. 1 to 65,536.
    /// Default null: the second dimension of the column's type, or 1.
    /// </summary>
    public int? InputChannels { get; set; }

    /// <summary>
    /// Number of token ids where the sequence column is a vector of integers: ids are 0 to this - 1. 1 to 16,777,216. Default null: the largest id of the
    /// training rows + 1. For keys it is always the number of key values + 1: id 0 is the missing key.
    /// </summary>
    public int? VocabularySize { get; set; }

    /// <summary>Longest sequence in tokens or frames, in training and in scoring. At least 1. Default null: no limit.</summary>
    public int? MaxLength { get; set; }

    /// <summary>What happens to sequences longer than <see cref="MaxLength"/>. Default <see cref="MambaTruncation.Error"/>.</summary>
    public MambaTruncation Truncation { get; set; }

    /// <summary>What happens to rows without a token or frame. Default <see cref="MambaEmptySequence.Error"/>.</summary>
    public MambaEmptySequence EmptySequences { get; set; }

    /// <summary>Most rows that are read ahead and scored by one forward pass. 1 to 65,536. Default 64.</summary>
    public int ScoringBatchRows { get; set; } = 64;

    /// <summary>
    /// Reading ahead stops at this many tokens (or frames), whatever <see cref="ScoringBatchRows"/> says; one row is always read. At least
    /// 1. Default 16,384.
    /// </summary>
    public int ScoringBatchTokens { get; set; } = 16_384;

    /// <summary>What computes the training, and the scores until the model is saved and loaded. Default <see cref="MambaEngineKind.Auto"/>.</summary>
    public MambaEngineKind Engine { get; set; }

    /// <summary>Threads of the CPU engine. 1 to 1,024. The result does not depend on it. Default null: one a processor.</summary>
    public int? NumThreads { get; set; }

    /// <summary>Ends <see cref="MambaClassificationEstimator.Fit"/> with <see cref="OperationCanceledException"/>, within a training step. Default: never.</summary>
    public CancellationToken CancellationToken { get; set; }
}

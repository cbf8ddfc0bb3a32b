using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Data;

/// <summary>All that scoring depends on besides the weights: what is saved with a model. Immutable.</summary>
internal sealed record ModelDefinition
{
    public required MambaConfig Config { get; init; }

    /// <summary>Models whose probabilities are averaged.</summary>
    public int EnsembleSize { get; init; } = 1;

    /// <summary>Values of a row's features.</summary>
    public int FeatureWidth => checked(EnsembleSize * Config.DModel);

    public required SequenceKind Kind { get; init; }

    public required MambaModality Modality { get; init; }

    public required string SequenceColumn { get; init; }

    public required string LabelColumn { get; init; }

    public required string OutputColumn { get; init; }

    public required string ScoreColumn { get; init; }

    /// <summary>The column of features, or null.</summary>
    public string? FeatureColumn { get; init; }

    /// <summary>The column of saliency, or null.</summary>
    public string? SaliencyColumn { get; init; }

    /// <summary>The class that saliency explains; null for each row's predicted one.</summary>
    public int? SaliencyClass { get; init; }

    /// <summary>All columns that the model adds.</summary>
    public OutputColumns AllOutputs => ExtraOutputs with { Label = OutputColumn, Score = ScoreColumn };

    /// <summary>Those that are neither label nor scores.</summary>
    public OutputColumns ExtraOutputs => new(null, null, FeatureColumn, SaliencyColumn, SaliencyClass ?? -1);

    public required LabelValues Labels { get; init; }

    /// <summary>Null except for text.</summary>
    public required SequenceTokenizer? Tokenizer { get; init; }

    /// <summary>Null except for frames.</summary>
    public required FramePreparation? Frames { get; init; }

    public required int? MaxLength { get; init; }

    public required MambaTruncation Truncation { get; init; }

    public required MambaEmptySequence EmptySequences { get; init; }

    public required int ScoringBatchRows { get; init; }

    public required int ScoringBatchTokens { get; init; }

    public SequenceRules Rules => new(SequenceColumn, MaxLength, Truncation, EmptySequences);

    /// <summary>Checks that a column holds sequences as this model was trained on.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public void CheckFormat(DataViewSchema.Column column)
    {
        SequenceFormat format = SequenceFormat.Of(column.Name, column.Type, Kind == SequenceKind.Frames ? Config.InputChannels : null);
        if (format.Kind != Kind)
            throw OtherKind(column.Name, column.Type, Kind);
        if (Kind == SequenceKind.Keys && format.KeyCount != (ulong)Config.VocabSize - 1)
            throw new ArgumentException(
                $"Column '{column.Name}' has keys 1 to {format.KeyCount}, but the model was trained on keys 1 to {Config.VocabSize - 1}. "
                + "Use the mapping that was fitted with the model.");
    }

    public static ArgumentException OtherKind(string column, object type, SequenceKind kind) =>
        new($"Column '{column}' has type {type}, but the model was trained on {Describe(kind)}.");

    /// <summary>A reader of the sequences of a row.</summary>
    public SequenceReader ReaderOf(DataViewRow row, DataViewSchema.Column column) =>
        SequenceReaders.Create(row, column, Rules, new SequenceCoding(Kind, Tokenizer, Frames, Config.VocabSize));

    private static string Describe(SequenceKind kind) => kind switch
    {
        SequenceKind.Text => "text",
        SequenceKind.Frames => "a vector of Single",
        SequenceKind.Keys => "a vector of keys",
        _ => "a vector of integers",
    };
}

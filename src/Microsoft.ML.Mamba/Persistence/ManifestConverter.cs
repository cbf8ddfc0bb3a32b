using System.Reflection;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Persistence;

/// <summary>Between a model's definition and its manifest.</summary>
internal static class ManifestConverter
{
    public static string LibraryVersion { get; } =
        typeof(ManifestConverter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public static ModelManifest ToManifest(ModelDefinition model) => new()
    {
        Format = ModelEntries.Format,
        FormatVersion = model.EnsembleSize > 1 ? ModelEntries.FormatVersion
            : IsPrepared(model) ? ModelEntries.SingleFormatVersion
            : ModelEntries.PlainFormatVersion,
        LibraryVersion = LibraryVersion,
        Modality = model.Modality.ToString(),
        SequenceKind = model.Kind.ToString(),
        EnsembleSize = model.EnsembleSize > 1 ? model.EnsembleSize : null,
        Columns = new ManifestColumns
        {
            Sequence = model.SequenceColumn,
            Label = model.LabelColumn,
            PredictedLabel = model.OutputColumn,
            Score = model.ScoreColumn,
            Features = model.FeatureColumn,
            Saliency = model.SaliencyColumn,
            SaliencyClass = model.SaliencyClass,
        },
        Labels = model.Labels.Type is { } type
            ? new ManifestLabels { Count = model.Labels.Count, Type = LabelType.Of(type)!.Name, Values = [.. model.Labels.Names] }
            : new ManifestLabels { Count = model.Labels.Count },
        Sequences = new ManifestSequences
        {
            MaxLength = model.MaxLength,
            Truncation = model.Truncation.ToString(),
            Empty = model.EmptySequences.ToString(),
            Tokenized = model.Tokenizer is not null,
            Prepared = IsPrepared(model),
        },
        Scoring = new ManifestScoring { BatchRows = model.ScoringBatchRows, BatchTokens = model.ScoringBatchTokens },
    };

    /// <summary>Whether the model needs an entry that says how frames are prepared.</summary>
    public static bool IsPrepared(ModelDefinition model) => model.Frames is { IsIdentity: false };

    /// <exception cref="InvalidDataException">A value is out of range, or the parts contradict each other.</exception>
    public static ModelDefinition ToDefinition(ModelManifest manifest, MambaConfig config, SequenceTokenizer? tokenizer, FramePreparation? frames)
    {
        var model = new ModelDefinition
        {
            Config = config,
            EnsembleSize = Range(manifest.EnsembleSize ?? 1, MambaEnsemble.MostMembers, "ensemble_size"),
            Kind = Enum<SequenceKind>(manifest.SequenceKind, "sequence_kind"),
            Modality = Enum<MambaModality>(manifest.Modality, "modality"),
            SequenceColumn = Name(manifest.Columns.Sequence, "columns.sequence"),
            LabelColumn = Name(manifest.Columns.Label, "columns.label"),
            OutputColumn = Name(manifest.Columns.PredictedLabel, "columns.predicted_label"),
            ScoreColumn = Name(manifest.Columns.Score, "columns.score"),
            FeatureColumn = OptionalName(manifest.Columns.Features, "columns.features"),
            SaliencyColumn = OptionalName(manifest.Columns.Saliency, "columns.saliency"),
            SaliencyClass = manifest.Columns.SaliencyClass,
            Labels = ToLabels(manifest.Labels, config),
            Tokenizer = tokenizer,
            Frames = frames ?? (config.IsTokenModel ? null : FramePreparation.Identity(config.InputChannels)),
            MaxLength = manifest.Sequences.MaxLength,
            Truncation = Enum<MambaTruncation>(manifest.Sequences.Truncation, "sequences.truncation"),
            EmptySequences = Enum<MambaEmptySequence>(manifest.Sequences.Empty, "sequences.empty"),
            ScoringBatchRows = Range(manifest.Scoring.BatchRows, MambaClassificationOptions.MaxScoringBatchRows, "scoring.batch_rows"),
            ScoringBatchTokens = Range(manifest.Scoring.BatchTokens, int.MaxValue, "scoring.batch_tokens"),
        };
        if (model.MaxLength is { } maxLength)
            Range(maxLength, int.MaxValue, "sequences.max_length");
        if (manifest.Sequences.Prepared && manifest.FormatVersion == ModelEntries.PlainFormatVersion)
            throw Invalid($"sequences.prepared needs format_version {ModelEntries.SingleFormatVersion} or more; got {manifest.FormatVersion}");
        if (model.EnsembleSize > 1 && manifest.FormatVersion < ModelEntries.FormatVersion)
            throw Invalid($"ensemble_size {model.EnsembleSize} needs format_version {ModelEntries.FormatVersion}; got {manifest.FormatVersion}");
        Check(model);
        return model;
    }

    private static void Check(ModelDefinition model)
    {
        if (model.Config.Head != MambaHead.Classification)
            throw Invalid($"config.json has the head {model.Config.Head}; a classifier was expected");
        if ((model.Kind == SequenceKind.Frames) == model.Config.IsTokenModel)
            throw Invalid($"sequence_kind is {model.Kind}, but config.json describes a model over {(model.Config.IsTokenModel ? "tokens" : "frames")}");
        if ((model.Kind == SequenceKind.Text) != (model.Tokenizer is not null))
            throw Invalid($"sequence_kind is {model.Kind}, but the model has {(model.Tokenizer is null ? "no" : "a")} tokenizer");
        if (model.Tokenizer is { } tokenizer && tokenizer.VocabularySize != model.Config.VocabSize)
            throw Invalid($"the tokenizer has {tokenizer.VocabularySize} ids and config.json {model.Config.VocabSize}");
        if ((model.Frames?.Channels ?? 0) != model.Config.InputChannels)
            throw Invalid($"frames.json is for {model.Frames!.Channels} channels and config.json for {model.Config.InputChannels}");
        if (model.SaliencyClass is { } target && (target < 0 || target >= model.Labels.Count))
            throw Invalid($"columns.saliency_class must be 0 to {model.Labels.Count - 1}; got {target}");
        if (model.Modality == MambaModality.Auto)
            throw Invalid("modality is Auto");
    }

    private static LabelValues ToLabels(ManifestLabels labels, MambaConfig config)
    {
        if (labels.Count != config.NumClasses || (labels.Values is { } values && values.Length != labels.Count))
            throw Invalid($"labels has count {labels.Count} and {labels.Values?.Length ?? labels.Count} values, config.json {config.NumClasses} classes");
        if ((labels.Type is null) != (labels.Values is null))
            throw Invalid("labels has only one of type and values");
        if (labels.Type is null)
            return new UnnamedLabels(labels.Count);
        LabelType type = LabelType.Of(labels.Type) ?? throw Invalid($"labels.type '{labels.Type}' is unknown");
        try
        {
            return type.Parse(labels.Values!);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"The model's manifest.json is not valid: a label is no {labels.Type}. {exception.Message}", exception);
        }
    }

    private static T Enum<T>(string text, string name) where T : struct, Enum =>
        System.Enum.GetValues<T>().Cast<T?>().FirstOrDefault(value => value.ToString() == text)
        ?? throw Invalid($"{name} must be {string.Join(", ", System.Enum.GetNames<T>())}; got '{text}'");

    private static string? OptionalName(string? text, string name) => text is null ? null : Name(text, name);

    private static string Name(string text, string name) => text.Length > 0 ? text : throw Invalid($"{name} is empty");

    private static int Range(int value, int max, string name) => value >= 1 && value <= max ? value : throw Invalid($"{name} must be 1 to {max}; got {value}");

    private static InvalidDataException Invalid(string what) => new($"The model's manifest.json is not valid: {what}.");
}

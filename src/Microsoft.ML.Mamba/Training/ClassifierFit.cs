using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Engines;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Training;

/// <summary>One training, from the rows of a view to a transformer.</summary>
internal sealed class ClassifierFit(IHostEnvironment env, IHost host, MambaClassificationOptions options)
{
    private const int MaxVocabulary = 1 << 24;

    public MambaTransformer Run(IDataView input)
    {
        using IChannel channel = host.Start("Training Mamba");
        IMambaEngine engine = options.EngineOverride
            ?? EngineSelector.Select(env, options.Engine, options.NumThreads, GpuEngineSource.Default, options.GpuPrecision);
        TrainingColumns columns = TrainingColumns.Of(input.Schema, options);
        LabelValues labels = LabelValues.Of(columns.Label, columns.Classes);
        (Preset preset, TokenizerOptions? tokenizerOptions) = ChoosePreset(input, columns, channel);

        var reader = new TrainingRowReader(host, options, columns.Format, columns.Classes);
        SequenceTokenizer? tokenizer = tokenizerOptions is null ? options.CustomTokenizer : reader.LearnTokenizer(input, tokenizerOptions);
        FramePreparation? frames = columns.Format.Kind == SequenceKind.Frames ? PrepareFrames(reader, input, columns, preset, channel) : null;
        var coding = new SequenceCoding(columns.Format.Kind, tokenizer, frames, VocabularyLimit(columns, tokenizer));
        TrainingRows rows = reader.Read(input, coding);
        Check(reader, rows, columns, labels);
        if (columns.Format.Kind == SequenceKind.Integers && options.VocabularySize is null)
            coding = coding with { VocabSize = rows.LargestId + 1 };
        SequenceDataset? validation = ReadValidation(columns, labels, coding, channel);

        int seed = options.Seed ?? (env as IHostEnvironmentInternal)?.Seed ?? FitCheckpoints.SeedOf(options) ?? host.Rand.Next();
        MambaConfig config = options.ToConfig(preset, coding.VocabSize, columns.Format.Channels, columns.Classes);
        config = config with { MaxPositions = PositionChoice.Of(options.PositionEmbedding, rows.Data, config, columns.Sequence.Name, out string choice) };
        Info(channel, choice);
        MambaTrainingOptions training = options.ToTraining(preset, seed);
        training = training with { BatchSize = options.BatchSize ?? preset.BatchSizeFor(rows.Data.Count) };
        int epochs = EpochChoice.Of(options.MaxEpochs, preset, rows.Data, training, config, out choice);
        Info(channel, choice);
        training = training with
        {
            MaxEpochs = epochs,
            ComplementIds = OtherStrand.Of(training.Augmentation, coding.Tokenizer, columns),
            Checkpoints = FitCheckpoints.Of(options, labels, coding.Tokenizer),
        };
        int models = EnsembleChoice.Of(options.EnsembleSize, preset, rows.Data, training, config, out choice);
        Info(channel, choice);
        LogRows(channel, "training", rows);
        var guidance = new FitGuidance(channel, options, labels, training);
        if (columns.Format.Kind == SequenceKind.Text)
            guidance.LookAtTexts(input, columns.Sequence);
        guidance.LookAtRows(rows, validation, coding.Tokenizer);
        Info(
            channel,
            $"{(models == 1 ? "Model" : "Each model")}: {MambaParameters.List(config).Sum(parameter => (long)parameter.Length)} parameters, "
            + $"{config.NumLayers} layer{(config.NumLayers == 1 ? "" : "s")} of width {config.DModel}, "
            + $"{config.Direction}, {columns.Classes} classes, "
            + (config.IsTokenModel ? $"{config.VocabSize} token ids" : Channels(config.InputChannels))
            + (config.HasPatches ? $" in patches of {config.PatchLength} frames, one every {config.EffectivePatchStride}" : "")
            + $"; engine {engine.Name}, seed {seed}.");

        ModelDefinition definition = Define(config, models, preset, columns, labels, coding);
        MambaEnsemble model = MambaEnsemble.Create(engine, config, models, seed);
        try
        {
            TrainingHistory history = FitOptionTexts.AddTo(
                Train(model, engine.Name, rows.Data, validation, training, guidance, channel),
                options, preset.Modality, coding.Tokenizer, coding.Frames, engine.Name, models);
            return new MambaTransformer(definition, model, engine.Name, history) { Trained = new TrainedSequences(host, rows.Data) };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private TrainingHistory Train(
        MambaEnsemble model, string engine, SequenceDataset rows, SequenceDataset? validation, MambaTrainingOptions training, FitGuidance guidance, IChannel channel)
    {
        using var progress = new FitProgress(host, channel, options, engine, validation is not null || training.ValidationFraction > 0);
        host.CheckAlive();
        TrainingHistory history = MambaTrainer.Train(model, rows, validation, training, progress, progress.Token);
        if (training.Checkpoints is { } checkpoints && history.ResumedAtStep == history.TotalSteps && !progress.HasReported)
            Info(channel, $"The training in '{checkpoints.Folder}' had ended; its weights are taken.");
        if (history.Warning is { } warning)
            channel.Warning(MessageSensitivity.None, warning);
        guidance.LookAtHistory(history);
        string best = history.BestEpoch is { } epoch && training.KeepBestWeights ? $"; the weights of epoch {epoch} are kept" : "";
        string time = string.Create(CultureInfo.InvariantCulture, $"{history.TotalTime.TotalSeconds:F1} s");
        Info(channel, $"Training ended ({history.StopReason}) after {history.Epochs.Count} epochs and {history.TotalSteps} steps in {time}{best}.");
        return history with { Guidance = guidance.Warnings };
    }

    private (Preset Preset, TokenizerOptions? Tokenizer) ChoosePreset(IDataView input, TrainingColumns columns, IChannel channel)
    {
        bool text = columns.Format.Kind == SequenceKind.Text, detected = options.Modality == MambaModality.Auto;
        MambaModality modality = options.Modality;
        if (detected)
        {
            modality = columns.Format.Kind switch
            {
                SequenceKind.Frames => MambaModality.Frames,
                SequenceKind.Text => ModalityOfText(input, columns.Sequence),
                _ => MambaModality.Tokens,
            };
        }

        Info(channel, $"Preset {modality}, {(detected ? $"chosen by column '{columns.Sequence.Name}' of type {columns.Sequence.Type}" : "as asked for")}.");
        Preset preset = Preset.Of(modality);
        if (!text || options.CustomTokenizer is not null)
            return (preset, null);
        if (options.Tokenizer is not null || !detected || modality != MambaModality.Dna)
            return (preset, options.Tokenizer ?? preset.Tokenizer);
        // Rows were only sampled, so a stray letter in a later one must not end the training.
        NucleotideOptions nucleotides = preset.Tokenizer!.Nucleotide ?? new NucleotideOptions();
        return (preset, preset.Tokenizer with { Nucleotide = nucleotides with { OtherLetters = LetterPolicy.Unknown } });
    }

    private FramePreparation PrepareFrames(TrainingRowReader reader, IDataView input, TrainingColumns columns, Preset preset, IChannel channel)
    {
        FrameNormalization normalization = options.FrameNormalization ?? preset.FrameNormalization;
        Info(channel, $"Frames of {Channels(columns.Format.Channels)}, normalisation {normalization}, missing values {options.MissingValues}.");
        if (!FramePreparation.NeedsMeans(options.MissingValues, normalization))
            return new FramePreparation(columns.Format.Channels, options.MissingValues, normalization, [], []);
        FrameStatistics statistics = reader.LearnFrames(input);
        if (statistics.MissingCount > 0)
            Info(channel, $"{statistics.MissingCount} of {statistics.ValueCount} values of the training rows are missing.");
        int[] unknown = [.. statistics.UnknownChannels];
        if (unknown.Length == columns.Format.Channels && statistics.ValueCount > 0)
        {
            throw new InvalidOperationException($"Column '{columns.Sequence.Name}' has no number in any of the training rows: "
                + $"all {statistics.ValueCount} values are missing. "
                + "Loaders of tables take what they cannot read as a number for missing; check which columns they were told to read.");
        }

        if (unknown.Length > 0 && statistics.ValueCount > 0)
            channel.Warning(MessageSensitivity.None,
                $"Column '{columns.Sequence.Name}' has no known value in the training rows in channel {string.Join(", ", unknown)}, "
                + "so its mean is taken as 0.");
        return statistics.ToPreparation(options.MissingValues, normalization);
    }

    private MambaModality ModalityOfText(IDataView input, DataViewSchema.Column column)
    {
        if (options.Tokenizer is { Kind: var kind })
            return kind == TokenizerKind.Nucleotide ? MambaModality.Dna : MambaModality.Text;
        return ModalityDetector.LooksLikeDna(input, column) ? MambaModality.Dna : MambaModality.Text;
    }

    private int VocabularyLimit(TrainingColumns columns, SequenceTokenizer? tokenizer)
    {
        switch (columns.Format.Kind)
        {
            case SequenceKind.Text:
                return tokenizer!.VocabularySize;
            case SequenceKind.Keys when columns.Format.KeyCount >= MaxVocabulary:
                throw new ArgumentException(
                    $"Column '{columns.Sequence.Name}' has {columns.Format.KeyCount} key values; "
                    + $"at most {MaxVocabulary - 1} can be token ids.");
            case SequenceKind.Keys:
                return (int)columns.Format.KeyCount + 1;
            case SequenceKind.Integers:
                return options.VocabularySize ?? MaxVocabulary;
            default:
                return 0;
        }
    }

    private void Check(TrainingRowReader reader, TrainingRows rows, TrainingColumns columns, LabelValues labels)
    {
        if (rows.Data.Count == 0)
        {
            string skipped = rows.MissingLabels + rows.EmptySequences > 0
                ? $" {rows.MissingLabels} rows without a label and {rows.EmptySequences} with an empty sequence were skipped." : "";
            throw reader.NoRows(skipped);
        }

        int first = rows.Data.Labels[0];
        if (rows.Data.Labels.IndexOfAnyExcept(first) < 0)
            throw new InvalidOperationException(
                $"All {rows.Data.Count} rows have the label '{labels.Names[first]}' in column '{columns.Label.Name}'; "
                + "a classifier needs rows of at least 2 classes.");
        if (options.ClassWeights is { } weights && weights.Count != 0 && weights.Count != columns.Classes)
            throw new ArgumentException($"ClassWeights has {weights.Count} values, but label column '{columns.Label.Name}' has {columns.Classes} classes.");
    }

    private SequenceDataset? ReadValidation(TrainingColumns training, LabelValues labels, SequenceCoding coding, IChannel channel)
    {
        if (options.ValidationSet is not { } view)
            return null;
        TrainingColumns columns = TrainingColumns.Of(view.Schema, options);
        if (columns.Format != training.Format)
            throw new ArgumentException(
                $"Column '{columns.Sequence.Name}' has type {columns.Sequence.Type} in the validation set, "
                + $"but {training.Sequence.Type} in the training rows.");
        if (columns.Classes != training.Classes || !LabelValues.Of(columns.Label, columns.Classes).SameAs(labels))
        {
            throw new ArgumentException(
                $"Column '{columns.Label.Name}' has other key values in the validation set than in the training rows. "
                + "Transform both with the same fitted MapValueToKey.");
        }

        TrainingRows rows = new TrainingRowReader(host, options, columns.Format, columns.Classes).Read(view, coding);
        if (rows.Data.Count == 0)
            throw new InvalidOperationException("The validation set has no labelled rows.");
        LogRows(channel, "validation", rows);
        return rows.Data;
    }

    private ModelDefinition Define(MambaConfig config, int models, Preset preset, TrainingColumns columns, LabelValues labels, SequenceCoding coding) => new()
    {
        Config = config,
        EnsembleSize = models,
        Kind = columns.Format.Kind,
        Modality = preset.Modality,
        SequenceColumn = options.SequenceColumnName,
        LabelColumn = options.LabelColumnName,
        OutputColumn = options.OutputColumnName,
        ScoreColumn = options.ScoreColumnName,
        FeatureColumn = options.FeatureColumnName,
        SaliencyColumn = options.SaliencyColumnName,
        Labels = labels,
        Tokenizer = coding.Tokenizer,
        Frames = coding.Frames,
        MaxLength = options.MaxLength,
        Truncation = options.Truncation,
        EmptySequences = options.EmptySequences,
        ScoringBatchRows = options.ScoringBatchRows,
        ScoringBatchTokens = options.ScoringBatchTokens,
    };

    private void LogRows(IChannel channel, string what, TrainingRows rows)
    {
        string tooLong = options.MaxLength is { } limit ? $"; {rows.LongSequences} longer than {limit} ({options.Truncation})" : "";
        Info(channel, $"{rows.Data.Count} {what} rows, {rows.Data.TokenCount} tokens; skipped {rows.MissingLabels} without a label and "
            + $"{rows.EmptySequences} with an empty sequence{tooLong}.");
    }

    private static string Channels(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} channel{(count == 1 ? "" : "s")}");

    private static void Info(IChannel channel, string text) => channel.Info(MessageSensitivity.None, text);
}

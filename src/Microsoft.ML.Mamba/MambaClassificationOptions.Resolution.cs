using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>Options for nucleotide sequences in a text column.</summary>
    /// <remarks>
    /// What is left null becomes: single nucleotides as tokens; width 64, 2 layers, 16 states, both directions with parameters of their
    /// own, attention pooling; 20 epochs, batches of 32, learning rate 0.002, weight decay 0.1, dropout 0.2, 10 % of the tokens hidden,
    /// label smoothing 0.05, weights averaged with decay 0.99. For <see cref="MaxEpochs"/> and <see cref="BatchSize"/> where rows are few
    /// or many, see there.
    /// </remarks>
    public static MambaClassificationOptions ForDna() => new() { Modality = MambaModality.Dna };

    /// <summary>Options for natural language in a text column.</summary>
    /// <remarks>
    /// What is left null becomes: lower-cased words that occur at least twice as tokens; width 128, 1 layer, 16 states, both directions
    /// with parameters of their own, mean pooling; 4 epochs, batches of 32, learning rate 0.002, beta2 0.95, weight decay 1, dropout 0.4,
    /// 30 % of the tokens hidden, weights averaged with decay 0.99. For <see cref="MaxEpochs"/> and <see cref="BatchSize"/> where rows are
    /// few or many, see there.
    /// </remarks>
    public static MambaClassificationOptions ForText() => new() { Modality = MambaModality.Text };

    /// <summary>Options for signals and time series, vectors of Single.</summary>
    /// <remarks>
    /// What is left null becomes: channels normalised by the training rows; width 64, 3 layers, 16 states, both directions with parameters
    /// of their own, mean pooling; 20 epochs, batches of 32, learning rate 0.002, weight decay 0.01, dropout 0.1, weights averaged with
    /// decay 0.99. In every epoch each row is stretched by up to 5 %, shifted by up to 3 % of its length, multiplied by a factor near 1
    /// (0.1) and overlaid with noise (0.1); a run of up to a fifth of its frames is hidden, and one of up to a fifth of its channels where
    /// there are 5 or more (<see cref="Augmentation"/>). For <see cref="MaxEpochs"/>, <see cref="BatchSize"/> and
    /// <see cref="EnsembleSize"/> where rows are few or many, see there. Token ids (vectors of keys or integers) take 2 such layers with
    /// dropout 0.2, without averaging or variation.
    /// </remarks>
    public static MambaClassificationOptions ForFrames() => new() { Modality = MambaModality.Frames };

    /// <summary>A test's engine instead of the one that <see cref="Engine"/> asks for.</summary>
    internal IMambaEngine? EngineOverride { get; set; }

    internal MambaClassificationOptions Clone() => (MambaClassificationOptions)MemberwiseClone();

    /// <summary>Checks every value against its documented range.</summary>
    /// <exception cref="ArgumentException">A value is out of range or two contradict each other; the message names them.</exception>
    internal void Validate()
    {
        RequireName(LabelColumnName, nameof(LabelColumnName));
        RequireName(SequenceColumnName, nameof(SequenceColumnName));
        RequireName(OutputColumnName, nameof(OutputColumnName));
        RequireName(ScoreColumnName, nameof(ScoreColumnName));
        ValidateOutputs();
        if (LabelColumnName == SequenceColumnName)
            throw new ArgumentException($"LabelColumnName and SequenceColumnName must differ; both are '{LabelColumnName}'.", nameof(SequenceColumnName));
        RequireDefined(Modality, nameof(Modality));
        RequireDefined(Truncation, nameof(Truncation));
        RequireDefined(EmptySequences, nameof(EmptySequences));
        RequireDefined(Engine, nameof(Engine));
        RequireDefined(GpuPrecision, nameof(GpuPrecision));
        ValidateFrames();
        if (Tokenizer is not null && CustomTokenizer is not null)
            throw new ArgumentException("Tokenizer and CustomTokenizer exclude each other; leave one null.", nameof(CustomTokenizer));
        Tokenizer?.Validate();
        Require(InputChannels, 1, 65_536, nameof(InputChannels));
        Require(VocabularySize, 1, 1 << 24, nameof(VocabularySize));
        Require(MaxLength, 1, int.MaxValue, nameof(MaxLength));
        Require(ScoringBatchRows, 1, MaxScoringBatchRows, nameof(ScoringBatchRows));
        Require(ScoringBatchTokens, 1, int.MaxValue, nameof(ScoringBatchTokens));
        Require(NumThreads, 1, 1024, nameof(NumThreads));
        Require(EnsembleSize, 1, MambaEnsemble.MostMembers, nameof(EnsembleSize));
        ValidateCheckpoints();
        foreach (Preset preset in Modality == MambaModality.Auto ? Preset.All : [Preset.Of(Modality)])
        {
            bool frames = preset.Modality == MambaModality.Frames;
            ToConfig(preset, frames ? 0 : 2, frames ? InputChannels ?? 1 : 0, classes: 2).Validate();
            MambaTrainingOptions training = ToTraining(preset, seed: 1);
            training.Validate();
            if (training.EarlyStoppingPatience > 0 && ValidationSet is null && training.ValidationFraction == 0)
            {
                throw new ArgumentException(
                    $"EarlyStoppingPatience = {training.EarlyStoppingPatience} needs a ValidationSet or a positive ValidationFraction.",
                    nameof(EarlyStoppingPatience));
            }
        }
    }

    internal MambaConfig ToConfig(Preset preset, int vocabSize, int channels, int classes) => preset.Config with
    {
        DModel = DModel ?? preset.Config.DModel,
        NumLayers = NumLayers ?? preset.Config.NumLayers,
        DState = DState ?? preset.Config.DState,
        DConv = DConv ?? preset.Config.DConv,
        Expand = Expand ?? preset.Config.Expand,
        DtRank = DtRank ?? preset.Config.DtRank,
        NormalizeDtBC = NormalizeDtBC ?? preset.Config.NormalizeDtBC,
        Direction = Direction ?? preset.Config.Direction,
        Pooling = Pooling ?? preset.Config.Pooling,
        Head = MambaHead.Classification,
        VocabSize = vocabSize,
        InputChannels = channels,
        PatchLength = channels > 0 ? ResolvePatches(preset).Length : 0,
        PatchStride = channels > 0 ? ResolvePatches(preset).Stride : 0,
        NumClasses = classes,
    };

    internal MambaTrainingOptions ToTraining(Preset preset, int seed)
    {
        MambaTrainingOptions defaults = preset.Training;
        return new MambaTrainingOptions
        {
            MaxEpochs = MaxEpochs ?? defaults.MaxEpochs,
            BatchSize = BatchSize ?? defaults.BatchSize,
            MaxBatchTokens = MaxBatchTokens ?? defaults.MaxBatchTokens,
            LengthBucketBatches = LengthBucketBatches ?? defaults.LengthBucketBatches,
            LearningRate = LearningRate ?? defaults.LearningRate,
            WarmupFraction = WarmupFraction ?? defaults.WarmupFraction,
            FinalLearningRateFraction = FinalLearningRateFraction ?? defaults.FinalLearningRateFraction,
            WeightDecay = WeightDecay ?? defaults.WeightDecay,
            Beta1 = Beta1 ?? defaults.Beta1,
            Beta2 = Beta2 ?? defaults.Beta2,
            AdamEpsilon = AdamEpsilon ?? defaults.AdamEpsilon,
            MaxGradientNorm = MaxGradientNorm ?? defaults.MaxGradientNorm,
            Dropout = Dropout ?? defaults.Dropout,
            HeadDropout = HeadDropout ?? defaults.HeadDropout,
            TokenDropout = TokenDropout ?? defaults.TokenDropout,
            BackpropagationLength = BackpropagationLength ?? defaults.BackpropagationLength,
            LabelSmoothing = LabelSmoothing ?? defaults.LabelSmoothing,
            ClassWeights = ClassWeights is null ? defaults.ClassWeights : [.. ClassWeights],
            BalanceClasses = BalanceClasses ?? defaults.BalanceClasses,
            ValidationFraction = ValidationFraction ?? defaults.ValidationFraction,
            ValidationBatchSize = ValidationBatchSize ?? defaults.ValidationBatchSize,
            ValidationMetric = ValidationMetric ?? defaults.ValidationMetric,
            EarlyStoppingPatience = EarlyStoppingPatience ?? defaults.EarlyStoppingPatience,
            KeepBestWeights = KeepBestWeights ?? defaults.KeepBestWeights,
            WeightAveraging = WeightAveraging ?? defaults.WeightAveraging,
            Augmentation = Augmentation ?? defaults.Augmentation,
            Seed = seed,
        };
    }

    private static void RequireName(string? name, string property)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException($"{property} must be the name of a column; got {(name is null ? "null" : $"'{name}'")}.", property);
    }

    private static void RequireDefined<T>(T value, string property) where T : struct, Enum => RangeCheck.Defined(value, property);

    private static void Require(int? value, int min, int max, string property)
    {
        if (value is { } given)
            RangeCheck.Between(given, min, max, property);
    }
}

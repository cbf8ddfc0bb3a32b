using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba;

/// <summary>What options take that are left null, by modality. This file is the one table of defaults.</summary>
/// <param name="Modality">What the sequences are.</param>
/// <param name="Tokenizer">For text columns; null otherwise.</param>
/// <param name="Config">The model, but for its input and its classes.</param>
/// <param name="Training">The training, but for its seed; its epochs are for rows neither few nor many.</param>
internal sealed record Preset(MambaModality Modality, TokenizerOptions? Tokenizer, MambaConfig Config, MambaTrainingOptions Training)
{
    /// <summary>How the channels of frames are normalised.</summary>
    public FrameNormalization FrameNormalization { get; init; }

    /// <summary>Few rows are passed over more often than the training's epochs say, for as many optimizer steps as this.</summary>
    public int FewestSteps { get; init; } = 800;

    /// <summary>
    /// Many or long rows are passed over less often, for as many tokens (or frames) as this in all epochs together; but often enough for
    /// the steps.
    /// </summary>
    public long MostTokens { get; init; } = 24_000_000;

    /// <summary>Rows of a batch where there are fewer than <see cref="FewRows"/>: smaller steps, more of them.</summary>
    public int BatchSizeOfFewRows { get; init; } = 16;

    /// <summary>So many rows get the training's batch size.</summary>
    public int FewRows { get; init; } = 1_000;

    /// <summary>Models whose probabilities are averaged, where there are fewer than <see cref="FewRows"/>.</summary>
    public int EnsembleSizeOfFewRows { get; init; } = 1;

    /// <summary>There are fewer models where all of them would read more tokens (or frames) than this in training.</summary>
    public long MostEnsembleTokens { get; init; } = 12_000_000;

    // Directions that share all parameters cannot tell a sequence from its mirror image, so each has its own.
    private static readonly MambaConfig Shape = new() { DModel = 64, NumLayers = 2, Direction = MambaDirection.BidirectionalSeparate };

    private static readonly MambaTrainingOptions Schedule = new() { BatchSize = 32, MaxBatchTokens = 16_384, LearningRate = 2e-3f, WeightDecay = 0.01f };

    public static Preset Dna { get; } = new(
        MambaModality.Dna,
        new TokenizerOptions { Kind = TokenizerKind.Nucleotide },
        Shape with { Pooling = MambaPooling.Attention },
        Schedule with { MaxEpochs = 20, WeightDecay = 0.1f, Dropout = 0.2f, TokenDropout = 0.1f, LabelSmoothing = 0.05f, WeightAveraging = 0.99f });

    // One wide layer, and second moments soon forgotten: AdamW with its usual beta2 moves the embeddings of rare words by large steps, and so learns them by heart.
    public static Preset Text { get; } = new(
        MambaModality.Text,
        new TokenizerOptions { Kind = TokenizerKind.Word, LowerCase = true, MinimumCount = 2 },
        Shape with { DModel = 128, NumLayers = 1, Pooling = MambaPooling.Mean },
        Schedule with { MaxEpochs = 4, WeightDecay = 1f, Beta2 = 0.95f, Dropout = 0.4f, TokenDropout = 0.3f, WeightAveraging = 0.99f });

    public static Preset Frames { get; } = new(
        MambaModality.Frames,
        null,
        Shape with { NumLayers = 3, Pooling = MambaPooling.Mean },
        Schedule with
        {
            MaxEpochs = 20,
            Dropout = 0.1f,
            WeightAveraging = 0.99f,
            Augmentation = new()
            {
                TimeStretch = 0.05f, TimeShift = 0.03f, Scale = 0.1f, Noise = 0.1f,
                ChannelMasks = 1, ChannelMaskFraction = 0.2f, TimeMasks = 1, TimeMaskFraction = 0.2f,
            },
        })
    {
        // Varied rows bear being passed over more often.
        BatchSizeOfFewRows = 32,
        EnsembleSizeOfFewRows = 3,
        FrameNormalization = FrameNormalization.TrainingSet,
    };

    public static Preset Tokens { get; } = new(
        MambaModality.Tokens,
        null,
        Shape with { Pooling = MambaPooling.Mean },
        Schedule with { MaxEpochs = 20, Dropout = 0.2f });

    public static IReadOnlyList<Preset> All { get; } = [Dna, Text, Frames, Tokens];

    /// <summary>The batch size for a number of training rows.</summary>
    public int BatchSizeFor(int rows) => rows < FewRows ? BatchSizeOfFewRows : Training.BatchSize;

    /// <summary>How many models there are for a number of training rows.</summary>
    public int EnsembleSizeFor(int rows) => rows < FewRows ? EnsembleSizeOfFewRows : 1;

    public static Preset Of(MambaModality modality) => All.Single(preset => preset.Modality == modality);
}

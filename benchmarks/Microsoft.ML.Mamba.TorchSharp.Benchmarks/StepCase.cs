namespace Microsoft.ML.Mamba.TorchSharp.Benchmarks;

/// <summary>A training step: a model, and a batch of sequences of equal length.</summary>
internal sealed record StepCase(string Name, MambaConfig Config, int Sequences, int Length)
{
    private const long LargestOnACpu = 20_000_000_000;

    public static IReadOnlyList<StepCase> All { get; } =
    [
        new("DNA preset, 32 x 200", Preset(8), 32, 200),
        new("6 layers of 256, 16 x 1024", Stack(256, 6), 16, 1024),
        new("12 layers of 512, 8 x 2048", Stack(512, 12), 8, 2048),
        new("130M: 24 layers of 768, 8 x 2048", Stack(768, 24) with { VocabSize = 50280 }, 8, 2048),
    ];

    public int Tokens => Sequences * Length;

    /// <summary>Whether a step takes seconds rather than minutes.</summary>
    public bool Fits(EngineCase engine) => engine.IsGpu || (long)Tokens * Config.NumLayers * Config.DModel * Config.DModel < LargestOnACpu;

    private static MambaConfig Preset(int vocabulary) => new()
    {
        DModel = 64, NumLayers = 2, VocabSize = vocabulary, NumClasses = 3, Direction = MambaDirection.BidirectionalSeparate, Pooling = MambaPooling.Attention,
    };

    private static MambaConfig Stack(int width, int layers) => new() { DModel = width, NumLayers = layers, VocabSize = 256, NumClasses = 10 };
}

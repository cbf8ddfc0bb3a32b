using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Layers;

/// <summary>Where a sequence is cut into pieces changes no bit of its result.</summary>
public sealed class InferencePassTests
{
    private const int Whole = int.MaxValue;

    public static TheoryData<string> Everything => ModelCases.Everything;

    [Theory]
    [MemberData(nameof(Everything))]
    public void Pieces_GiveTheBitsOfTheWhole(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 2, 3, 200, 1, 129, 70, 33);
        float[] expected = Run(config, batch, InferencePass.Head, Whole);
        foreach (int pieceTokens in new[] { 1, 2, 16, 31, 64, 128, 199, 200 })
            Close.Bits(expected, Run(config, batch, InferencePass.Head, pieceTokens), $"pieces of {pieceTokens}");
    }

    [Theory]
    [InlineData(MambaDirection.Forward, MambaPooling.Mean, 0)]
    [InlineData(MambaDirection.Forward, MambaPooling.Attention, 3000)]
    [InlineData(MambaDirection.BidirectionalTied, MambaPooling.Attention, 0)]
    [InlineData(MambaDirection.BidirectionalSeparate, MambaPooling.Mean, 5000)]
    [InlineData(MambaDirection.BidirectionalSeparate, MambaPooling.Max, 0)]
    public void Pieces_GiveTheBitsOfTheWhole_ForWideModels(MambaDirection direction, MambaPooling pooling, int maxPositions)
    {
        var config = new MambaConfig
        {
            DModel = 40, NumLayers = 2, VocabSize = 30, NumClasses = 11, UseBias = true, Direction = direction, Pooling = pooling, MaxPositions = maxPositions,
        };
        int pieceTokens = InferencePass.PieceTokens(config);
        foreach (int length in new[] { pieceTokens + 1, 2 * pieceTokens - 1, 2 * pieceTokens, 4001 })
        {
            SequenceBatch batch = RandomBatches.Create(config, 2, 3, length, 5);
            Assert.True(length > pieceTokens);
            foreach (int layer in new[] { InferencePass.Head, InferencePass.Pooled, 1, -1 })
                Close.Bits(Run(config, batch, layer, Whole), Run(config, batch, layer, pieceTokens), $"{length} tokens, layer {layer}");
        }
    }

    [Theory]
    [InlineData(MambaDirection.Forward, 16, 5)]
    [InlineData(MambaDirection.BidirectionalSeparate, 7, 0)]
    public void Pieces_GiveTheBitsOfTheWhole_ForPatches(MambaDirection direction, int patchLength, int patchStride)
    {
        MambaConfig config = ModelCases.Get("frames-mean") with { Direction = direction, PatchLength = patchLength, PatchStride = patchStride, MaxPositions = 700 };
        foreach (int length in new[] { 3000, 3001, 3011, 9999 })
        {
            SequenceBatch batch = RandomBatches.Create(config, 2, 3, length, 50);
            float[] expected = Run(config, batch, InferencePass.Head, Whole);
            foreach (int pieceTokens in new[] { 1, 100, 257 })
                Close.Bits(expected, Run(config, batch, InferencePass.Head, pieceTokens), $"{length} frames, pieces of {pieceTokens}");
        }
    }

    private static float[] Run(MambaConfig config, SequenceBatch batch, int layer, int pieceTokens)
    {
        using var core = new ModelCore(config, RandomWeights.Create(config, 1), CpuParallel.Shared);
        using var arena = new NativeArena(poison: true);
        core.EnsurePacked();
        int tokens = Enumerable.Range(0, batch.Count).Sum(i => config.TokensOf(batch.LengthOf(i)));
        float[] output = new float[layer == InferencePass.Head ? RandomBatches.OutputLength(config, batch)
            : config.DModel * (layer == InferencePass.Pooled ? batch.Count : tokens)];
        output.AsSpan().Fill(float.NaN);
        InferencePass.Run(core, batch, layer, pieceTokens, null, output, arena, CancellationToken.None);
        return output;
    }
}

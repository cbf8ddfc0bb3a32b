using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.TorchSharp.Kernels;
using Microsoft.ML.Mamba.TorchSharp.Passes;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Engine;

/// <summary>Where a sequence is cut into pieces makes no difference to its result, in either direction, and no piece is longer than it should be.</summary>
public sealed class InferencePassTests
{
    private const int Whole = int.MaxValue;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string device in new[] { "cpu", "cuda" })
            {
                foreach (string name in ModelCases.All.Keys.Concat(ModelCases.OtherHeads.Keys))
                    cases.Add(device, name);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Pieces_MatchTheWhole(string device, string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 2, 3, 200, 1, 129, 70, 33);
        using var model = (TorchMambaModel)TorchEngines.Get(device).CreateModel(config, RandomWeights.Create(config, 1));
        int[] layers = config.Head == MambaHead.Classification ? [InferencePass.Head, InferencePass.Pooled, -1, 0, config.NumLayers] : [InferencePass.Head, -1, 0];
        foreach (int layer in layers)
        {
            double[] expected = Array.ConvertAll(Run(model.Core, batch, layer, Whole), value => (double)value);
            foreach (int pieceTokens in new[] { 9, 31, 128, 199 })
                Close.Tensor(expected, Run(model.Core, batch, layer, pieceTokens), Tolerances.OtherRows, $"layer {layer}, pieces of {pieceTokens}");
        }
    }

    [Theory]
    [InlineData(MambaDirection.Forward)]
    [InlineData(MambaDirection.BidirectionalTied)]
    [InlineData(MambaDirection.BidirectionalSeparate)]
    public void LongSequences_AreNeverComputedWhole(MambaDirection direction)
    {
        _ = TorchEngines.Cpu;
        MambaConfig config = ModelCases.Get("tokens-mean") with { Direction = direction };
        var kernels = new WatchedKernels();
        using var core = new ModelCore(config, RandomWeights.Create(config, 1), torch.CPU, kernels) { PieceTokens = 50 };
        SequenceBatch batch = RandomBatches.Create(config, 2, 10, 1000, 20);
        new InferencePass(core, batch, InferencePass.Head, null, CancellationToken.None).Run(new float[3 * config.NumClasses]);
        Assert.Equal(50, kernels.MostTokens);
    }

    [Fact]
    public void LongSequences_CanBeCancelled()
    {
        MambaConfig config = ModelCases.Get("tokens-attention-separate");
        using var model = (TorchMambaModel)TorchEngines.Cpu.CreateModel(config, RandomWeights.Create(config, 1));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(model.Core, RandomBatches.Create(config, 2, 100), InferencePass.Head, 10, cancelled.Token));
    }

    private static float[] Run(ModelCore like, SequenceBatch batch, int layer, int pieceTokens, CancellationToken cancellationToken = default)
    {
        MambaConfig config = like.Config;
        using var core = new ModelCore(config, RandomWeights.Create(config, 1), like.Device, like.Kernels) { PieceTokens = pieceTokens };
        int tokens = Enumerable.Range(0, batch.Count).Sum(i => config.TokensOf(batch.LengthOf(i)));
        float[] output = new float[layer == InferencePass.Head ? RandomBatches.OutputLength(config, batch)
            : config.DModel * (layer == InferencePass.Pooled ? batch.Count : tokens)];
        output.AsSpan().Fill(float.NaN);
        new InferencePass(core, batch, layer, null, cancellationToken).Run(output);
        return output;
    }

    private sealed class WatchedKernels : ManagedKernels
    {
        public int MostTokens { get; private set; }

        public override void ScanForward(in ScanInputs inputs, torch.Tensor y, bool accumulateY, torch.Tensor? finalState, torch.Tensor? borders)
        {
            MostTokens = Math.Max(MostTokens, inputs.Rows.Tokens);
            base.ScanForward(inputs, y, accumulateY, finalState, borders);
        }
    }
}

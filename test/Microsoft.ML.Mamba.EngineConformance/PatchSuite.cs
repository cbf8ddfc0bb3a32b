using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>Strided patches of frames, for every length around a patch's and with every kind of remainder.</summary>
public abstract class PatchSuite : EngineTests
{
    private static readonly MambaConfig Frames = ModelCases.Get("frames-mean");

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(4, 0)]
    [InlineData(4, 3)]
    [InlineData(5, 2)]
    [InlineData(7, 7)]
    public void Forward_MatchesReference_ForAllLengthsAroundAPatch(int patchLength, int patchStride)
    {
        MambaConfig config = Frames with { PatchLength = patchLength, PatchStride = patchStride, MaxPositions = 3 };
        SequenceBatch batch = RandomBatches.Create(config, 2, [.. Enumerable.Range(1, 3 * patchLength + 1)]);
        using IMambaModel model = CreateModel(config);
        Close.Values(ReferenceForward(config, batch), Forward(model, batch), ForwardTolerance, $"{patchLength} by {patchStride}");
    }

    [Theory]
    [InlineData("patches")]
    [InlineData("patches-overlap")]
    [InlineData("patches-dense-separate")]
    public void ForwardHidden_HasARowAPatch(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        SequenceBatch batch = RandomBatches.Create(config, 3, 1, 7, 3, 10);
        int tokens = Enumerable.Range(0, batch.Count).Sum(i => config.TokensOf(batch.LengthOf(i)));
        using IMambaModel model = CreateModel(config);
        var reference = new ReferenceModel(config, RandomWeights.Create(config, 1));
        for (int layer = -1; layer <= config.NumLayers; layer++)
        {
            float[] hidden = new float[tokens * config.DModel];
            hidden.AsSpan().Fill(float.NaN);
            model.ForwardHidden(batch, layer, hidden);
            Close.Values(reference.ForwardHidden(batch, layer), hidden, ForwardTolerance, $"hidden after {layer}");
        }

        string message = Assert.Throws<ArgumentException>(() => model.ForwardHidden(batch, 0, new float[tokens * config.DModel + 1])).Message;
        Assert.Contains($"{tokens * config.DModel}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MambaDirection.Forward, 3, 2)]
    [InlineData(MambaDirection.BidirectionalSeparate, 16, 0)]
    public void Forward_MatchesReference_ForVeryLongSequences(MambaDirection direction, int patchLength, int patchStride)
    {
        MambaConfig config = Frames with { Direction = direction, PatchLength = patchLength, PatchStride = patchStride, MaxPositions = 5000 };
        SequenceBatch batch = RandomBatches.Create(config, 7, 2, 15_003, 5);
        using IMambaModel model = CreateModel(config);
        Close.Values(ReferenceForward(config, batch), Forward(model, batch), ForwardTolerance, "logits");
    }

    [Fact]
    public void FramesOfOneSequence_AreNotReadByAnother()
    {
        using IMambaModel model = CreateModel(Frames with { PatchLength = 4, PatchStride = 2 });
        SequenceBatch batch = RandomBatches.Create(model.Config, 2, 5, 6);
        float[] frames = batch.Frames.ToArray();
        Array.Fill(frames, 100f, 5 * 3, 6 * 3);
        float[] before = Forward(model, batch), after = Forward(model, SequenceBatch.FromFrames(frames, 3, batch.Offsets.ToArray()));
        Close.Bits(before.AsSpan(0, 3), after.AsSpan(0, 3), "first sequence");
        Assert.NotEqual(before[3..], after[3..]);
    }

    [Fact]
    public void PatchLengthOfOne_IsNone()
    {
        SequenceBatch batch = RandomBatches.Create(Frames, 2, 5, 1, 6);
        using IMambaModel plain = CreateModel(Frames), single = CreateModel(Frames with { PatchLength = 1, PatchStride = 1 });
        Close.Bits(Forward(plain, batch), Forward(single, batch), "logits");
        single.CreateState().Dispose();
    }

    [Fact]
    public void Streaming_IsRefused()
    {
        using IMambaModel model = CreateModel(ModelCases.Get("patches"));
        string message = Assert.Throws<InvalidOperationException>(() => model.CreateState()).Message;
        Assert.Contains("patches", message, StringComparison.Ordinal);
        Assert.Contains("3", message, StringComparison.Ordinal);
        using IMambaModel other = CreateModel(Frames);
        using MambaState state = other.CreateState();
        Assert.Throws<InvalidOperationException>(() => model.Step(state, RandomBatches.Create(Frames, 1, 3), new float[3]));
    }
}

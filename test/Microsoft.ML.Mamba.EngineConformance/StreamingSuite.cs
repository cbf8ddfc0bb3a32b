using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

public abstract class StreamingSuite : EngineTests
{
    [Theory]
    [MemberData(nameof(ModelCases.Streamable), MemberType = typeof(ModelCases))]
    public void Step_MatchesForward(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        using IMambaModel model = CreateModel(config);
        SequenceBatch whole = RandomBatches.Create(config, 2, 12);
        using MambaState state = model.CreateState();
        for (int t = 0; t < 12; t++)
        {
            float[] output = Step(model, state, RandomBatches.Slice(whole, 0, t, 1));
            float[] prefix = Forward(model, RandomBatches.Slice(whole, 0, 0, t + 1));
            Equal(prefix.AsSpan()[^output.Length..], output, StreamingTolerance, $"position {t}");
            Assert.Equal([t + 1L], state.Positions.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(ModelCases.Streamable), MemberType = typeof(ModelCases))]
    public void SplitSequence_MatchesFull(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        using IMambaModel model = CreateModel(config);
        SequenceBatch whole = RandomBatches.Create(config, 3, 150);
        float[] expected = Forward(model, whole);
        foreach (int[] pieces in new int[][] { [150], [1, 149], [149, 1], [3, 2, 64, 1, 80], [75, 75] })
        {
            using MambaState state = model.CreateState();
            var outputs = new List<float>();
            int start = 0;
            foreach (int length in pieces)
            {
                float[] output = Step(model, state, RandomBatches.Slice(whole, 0, start, length));
                if (config.Head == MambaHead.Classification)
                    outputs.Clear();
                outputs.AddRange(output);
                start += length;
            }

            Equal(expected, outputs.ToArray(), StreamingTolerance, string.Join("+", pieces));
        }
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("tokens-attention")]
    [InlineData("frames-mean")]
    [InlineData("tokens-mean", 4500)]
    [InlineData("frames-mean", 6000)]
    public void SplitSequence_MatchesFull_ForLongChunks(string name, int maxPositions = 0)
    {
        MambaConfig config = ModelCases.Get(name) with { MaxPositions = maxPositions };
        using IMambaModel model = CreateModel(config);
        SequenceBatch whole = RandomBatches.Create(config, 4, 5000);
        using MambaState state = model.CreateState();
        Step(model, state, RandomBatches.Slice(whole, 0, 0, 3000));
        Equal(Forward(model, whole), Step(model, state, RandomBatches.Slice(whole, 0, 3000, 2000)), StreamingTolerance, name);
    }

    [Theory]
    [InlineData("tokens-mean")]
    [InlineData("tokens-max")]
    [InlineData("language-own")]
    [InlineData("conv-6-rank-3")]
    [InlineData("positions-few")]
    [InlineData("hidden-positions")]
    public void Step_AdvancesStreamsIndependently(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        using IMambaModel model = CreateModel(config);
        using MambaState together = model.CreateState(3);
        MambaState[] alone = [model.CreateState(), model.CreateState(), model.CreateState()];
        foreach (int[] lengths in new int[][] { [1, 1, 1], [5, 1, 3], [1, 2500, 2] })
        {
            SequenceBatch chunk = RandomBatches.Create(config, 20 + lengths[1], lengths);
            float[] output = Step(model, together, chunk);
            int start = 0;
            for (int i = 0; i < 3; i++)
            {
                float[] one = Step(model, alone[i], RandomBatches.One(chunk, i));
                Equal(one, output.AsSpan(start, one.Length), PackedTolerance, $"stream {i}");
                start += one.Length;
            }
        }

        Assert.Equal([7L, 2502L, 6L], together.Positions.ToArray());
        Array.ForEach(alone, state => state.Dispose());
    }

    [Theory]
    [MemberData(nameof(ModelCases.Streamable), MemberType = typeof(ModelCases))]
    public void Clone_GoesOnIndependentlyAndResetStartsAnew(string name)
    {
        MambaConfig config = ModelCases.Get(name);
        using IMambaModel model = CreateModel(config);
        SequenceBatch first = RandomBatches.Create(config, 5, 6), second = RandomBatches.Create(config, 6, 4), third = RandomBatches.Create(config, 7, 4);
        using MambaState state = model.CreateState();
        float[] fresh = Step(model, state, first);
        using MambaState clone = state.Clone();
        Assert.Equal(1, clone.Sequences);
        Assert.Equal([6L], clone.Positions.ToArray());
        float[] original = Step(model, state, second);
        Step(model, state, third);
        Close.Bits(original, Step(model, clone, second), "clone");
        state.Reset();
        Assert.Equal([0L], state.Positions.ToArray());
        Close.Bits(fresh, Step(model, state, first), "after reset");
    }

    [Fact]
    public void CreateState_ThrowsForBidirectionalModels()
    {
        using IMambaModel model = CreateModel(ModelCases.Get("frames-tied"));
        Assert.Contains("bidirectional", Assert.Throws<InvalidOperationException>(() => model.CreateState()).Message, StringComparison.OrdinalIgnoreCase);
        using IMambaModel causal = CreateModel(ModelCases.Get("frames-mean"));
        using MambaState state = causal.CreateState();
        Assert.Throws<InvalidOperationException>(() => model.Step(state, RandomBatches.Create(model.Config, 1, 2), new float[3]));
    }

    [Fact]
    public void CreateState_ThrowsWithoutStreams()
    {
        using IMambaModel model = CreateModel(ModelCases.Get("tokens-mean"));
        Assert.Contains("0", Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateState(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_ThrowsForAStateOfAnotherShape()
    {
        using IMambaModel model = CreateModel(ModelCases.Get("tokens-mean"));
        using IMambaModel other = CreateModel(ModelCases.Get("conv-6-rank-3"));
        using MambaState state = other.CreateState();
        Assert.Throws<ArgumentException>(() => model.Step(state, RandomBatches.Create(model.Config, 1, 2), new float[3]));
    }

    [Fact]
    public void Step_ThrowsForAnotherNumberOfStreams()
    {
        using IMambaModel model = CreateModel(ModelCases.Get("tokens-mean"));
        using MambaState state = model.CreateState(2);
        string message = Assert.Throws<ArgumentException>(() => model.Step(state, RandomBatches.Create(model.Config, 1, 2, 2, 2), new float[9])).Message;
        Assert.Contains("2", message, StringComparison.Ordinal);
        Assert.Contains("3", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_ThrowsForADisposedState()
    {
        using IMambaModel model = CreateModel(ModelCases.Get("tokens-mean"));
        MambaState state = model.CreateState();
        state.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Step(state, RandomBatches.Create(model.Config, 1, 2), new float[3]));
        Assert.Throws<ObjectDisposedException>(() => state.Clone());
        Assert.Throws<ObjectDisposedException>(state.Reset);
    }

    private static float[] Step(IMambaModel model, MambaState state, SequenceBatch chunk)
    {
        float[] output = new float[RandomBatches.OutputLength(model.Config, chunk)];
        output.AsSpan().Fill(float.NaN);
        model.Step(state, chunk, output);
        return output;
    }
}

using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>Bad input is refused with a message that names what is wrong and where.</summary>
public abstract class ErrorSuite : EngineTests
{
    private static readonly MambaConfig Tokens = ModelCases.Get("tokens-mean");
    private static readonly MambaConfig Frames = ModelCases.Get("frames-mean");

    [Fact]
    public void EmptySequence_IsNamed() =>
        Refused(Tokens, SequenceBatch.FromTokens(new int[3], new[] { 0, 2, 2, 3 }), "sequence 1", "empty");

    [Theory]
    [InlineData(7)]
    [InlineData(-1)]
    public void UnknownToken_IsNamed(int id) =>
        Refused(Tokens, SequenceBatch.FromTokens(new[] { 0, 1, 2, 3, 4, id }, new[] { 0, 4, 6 }), "sequence 1", "position 1", id.ToString(), "7");

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void NonFiniteFrame_IsNamed(float value)
    {
        float[] frames = new float[15];
        frames[13] = value;
        Refused(Frames, SequenceBatch.FromFrames(frames, 3, new[] { 0, 2, 5 }), "sequence 1", "frame 2", "channel 1", value.ToString());
    }

    [Fact]
    public void WrongChannelCount_IsNamed() => Refused(Frames, SequenceBatch.FromFrames(new float[8], 2), "3 channels", "2");

    [Fact]
    public void FramesForATokenModel_AreRefused() => Refused(Tokens, SequenceBatch.FromFrames(new float[6], 3), "token", "frames");

    [Fact]
    public void TokensForAFrameModel_AreRefused() => Refused(Frames, SequenceBatch.FromTokens(new int[6]), "token", "frames");

    [Fact]
    public void WrongOutputLength_IsNamed()
    {
        using IMambaModel model = CreateModel(Tokens);
        SequenceBatch batch = RandomBatches.Create(Tokens, 1, 3, 4);
        foreach (int length in new[] { 5, 7 })
            Names(Assert.Throws<ArgumentException>(() => model.Forward(batch, new float[length])), "6", length.ToString());
        Names(Assert.Throws<ArgumentException>(() => model.ForwardHidden(batch, 1, new float[41])), "42", "41");
        Names(Assert.Throws<ArgumentException>(() => model.ForwardPooled(batch, new float[13])), "12", "13");
        using MambaState state = model.CreateState(2);
        Names(Assert.Throws<ArgumentException>(() => model.Step(state, batch, new float[5])), "6", "5");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-2)]
    public void UnknownLayer_IsNamed(int layer)
    {
        using IMambaModel model = CreateModel(Tokens);
        SequenceBatch batch = RandomBatches.Create(Tokens, 1, 3);
        Names(Assert.ThrowsAny<ArgumentException>(() => model.ForwardHidden(batch, layer, new float[18])), layer.ToString(), "2");
    }

    [Fact]
    public void RefusedStep_LeavesTheStateAlone()
    {
        using IMambaModel model = CreateModel(Tokens);
        SequenceBatch good = RandomBatches.Create(Tokens, 1, 5);
        using MambaState state = model.CreateState(), untouched = model.CreateState();
        Assert.Throws<ArgumentException>(() => model.Step(state, SequenceBatch.FromTokens(new[] { 1, 99 }), new float[3]));
        float[] expected = new float[3], actual = new float[3];
        model.Step(untouched, good, expected);
        model.Step(state, good, actual);
        Close.Bits(expected, actual, "logits");
    }

    [Fact]
    public void CreateModel_NamesTheParameterThatIsWrong()
    {
        MambaWeights weights = RandomWeights.Create(Tokens, 1);
        Names(Assert.Throws<ArgumentException>(() => Engine.CreateModel(Tokens with { UseBias = true }, weights)), "in_proj.bias");
        Names(Assert.Throws<ArgumentException>(() => Engine.CreateModel(Tokens with { NumClasses = 4 }, weights)), "classifier.weight", "[4, 6]", "[3, 6]");
        Names(Assert.Throws<ArgumentException>(() => Engine.CreateModel(Tokens with { UseConvBias = false }, weights)), "conv1d.bias");
        Names(Assert.ThrowsAny<ArgumentException>(() => Engine.CreateModel(Tokens with { DState = 0 }, weights)), "DState", "0");
    }

    [Fact]
    public void DisposedModel_Throws()
    {
        IMambaModel model = CreateModel(Tokens);
        MambaState state = model.CreateState();
        SequenceBatch batch = RandomBatches.Create(Tokens, 1, 3);
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Forward(batch, new float[3]));
        Assert.Throws<ObjectDisposedException>(() => model.ForwardHidden(batch, 0, new float[18]));
        Assert.Throws<ObjectDisposedException>(() => model.ForwardPooled(batch, new float[6]));
        Assert.Throws<ObjectDisposedException>(() => model.Step(state, batch, new float[3]));
        Assert.Throws<ObjectDisposedException>(() => model.CreateState());
        Assert.Throws<ObjectDisposedException>(() => model.ExportWeights());
        Assert.Throws<ObjectDisposedException>(() => model.StartTraining(new MambaTrainingSettings()));
        state.Dispose();
    }

    [Fact]
    public void CancelledForward_Throws()
    {
        using IMambaModel model = CreateModel(Tokens);
        SequenceBatch batch = RandomBatches.Create(Tokens, 1, 3);
        var cancelled = new CancellationToken(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => model.Forward(batch, new float[3], cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => model.ForwardHidden(batch, 1, new float[18], cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => model.ForwardPooled(batch, new float[6], cancelled));
        using MambaState state = model.CreateState();
        Assert.ThrowsAny<OperationCanceledException>(() => model.Step(state, batch, new float[3], cancelled));
    }

    [Fact]
    public void NullArguments_Throw()
    {
        using IMambaModel model = CreateModel(Tokens);
        Assert.Throws<ArgumentNullException>(() => model.Forward(null!, []));
        Assert.Throws<ArgumentNullException>(() => model.ForwardPooled(null!, []));
        Assert.Throws<ArgumentNullException>(() => model.Step(null!, RandomBatches.Create(Tokens, 1, 3), new float[3]));
        Assert.Throws<ArgumentNullException>(() => model.StartTraining(null!));
        Assert.Throws<ArgumentNullException>(() => Engine.CreateModel(null!, new MambaWeights()));
        Assert.Throws<ArgumentNullException>(() => Engine.CreateModel(Tokens, null!));
    }

    private void Refused(MambaConfig config, SequenceBatch batch, params string[] names)
    {
        using IMambaModel model = CreateModel(config);
        float[] output = new float[RandomBatches.OutputLength(config, batch)];
        Names(Assert.Throws<ArgumentException>(() => model.Forward(batch, output)), names);
        Names(Assert.Throws<ArgumentException>(() => model.ForwardHidden(batch, 0, new float[batch.TokenCount * config.DModel])), names);
        Names(Assert.Throws<ArgumentException>(() => model.ForwardPooled(batch, new float[batch.Count * config.DModel])), names);
        using MambaState state = model.CreateState(batch.Count);
        Names(Assert.Throws<ArgumentException>(() => model.Step(state, batch, output)), names);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        Names(Assert.Throws<ArgumentException>(() => session.TrainStep(batch, new int[batch.Count], 0.1f)), names);
    }

    private static void Names(Exception exception, params string[] parts)
    {
        foreach (string part in parts)
            Assert.Contains(part, exception.Message, StringComparison.OrdinalIgnoreCase);
    }
}

using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Engine;

public sealed class ThreadCountTests
{
    private static readonly MambaConfig Config = new()
    {
        DModel = 24, NumLayers = 2, VocabSize = 9, NumClasses = 3, UseBias = true, NormalizeDtBC = true, Pooling = MambaPooling.Attention, MaxPositions = 300,
    };

    [Theory]
    [InlineData(MambaDirection.Forward)]
    [InlineData(MambaDirection.BidirectionalTied)]
    [InlineData(MambaDirection.BidirectionalSeparate)]
    [InlineData(MambaDirection.Forward, 70)]
    [InlineData(MambaDirection.BidirectionalTied, 50)]
    public void Training_GivesTheSameWeightsForAnyNumberOfThreads(MambaDirection direction, int backpropagationLength = 0)
    {
        MambaConfig config = Config with { Direction = direction };
        MambaWeights expected = Train(config, 1, backpropagationLength);
        foreach (int threads in new[] { 2, 4 })
        {
            foreach (MambaTensor tensor in Train(config, threads, backpropagationLength))
                Close.Bits(expected[tensor.Name].Values, tensor.Values, $"{tensor.Name} with {threads} threads");
        }
    }

    [Theory]
    [InlineData(MambaDirection.Forward)]
    [InlineData(MambaDirection.BidirectionalSeparate)]
    public void Forward_GivesTheSameForAnyNumberOfThreads(MambaDirection direction)
    {
        MambaConfig config = Config with { Direction = direction };
        SequenceBatch batch = RandomBatches.Create(config, 2, 5, 700, 64, 3000, 1);
        float[] expected = Forward(1), two = Forward(2), five = Forward(5);
        Close.Bits(expected, two, "2 threads");
        Close.Bits(expected, five, "5 threads");

        float[] Forward(int threads)
        {
            using IMambaModel model = CpuEngines.WithThreads(threads).CreateModel(config, RandomWeights.Create(config, 1));
            float[] output = new float[15];
            model.Forward(batch, output);
            return output;
        }
    }

    [Fact]
    public void Threads_IsTheMachinesByDefault()
    {
        Assert.Equal(Environment.ProcessorCount, new CpuMambaEngine().Threads);
        Assert.Equal(3, CpuEngines.WithThreads(3).Threads);
        Assert.Equal("cpu", new CpuMambaEngine().Name);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Threads_OutOfRangeAreNamed(int threads)
    {
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => CpuEngines.WithThreads(threads)).Message;
        Assert.Contains("Threads", message, StringComparison.Ordinal);
        Assert.Contains(threads.ToString(), message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new CpuMambaEngine(null!));
    }

    private static MambaWeights Train(MambaConfig config, int threads, int backpropagationLength)
    {
        using IMambaModel model = CpuEngines.WithThreads(threads).CreateModel(config, RandomWeights.Create(config, 1));
        using IMambaTrainingSession session = model.StartTraining(
            new MambaTrainingSettings { Dropout = 0.1f, HeadDropout = 0.1f, TokenDropout = 0.1f, BackpropagationLength = backpropagationLength });
        for (int step = 0; step < 5; step++)
            session.TrainStep(RandomBatches.Create(config, step, 5, 400, 64, 31, 7, 90), [0, 1, 2, 0, 1, 2], 0.01f);
        return session.ExportWeights();
    }
}

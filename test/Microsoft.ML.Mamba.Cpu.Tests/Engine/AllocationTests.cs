using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Engine;

/// <summary>Nothing managed is allocated once a call of the same size has run. Total bytes count all threads, so these tests run alone.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private static readonly MambaConfig Config = new() { DModel = 20, NumLayers = 2, VocabSize = 9, NumClasses = 3, UseBias = true, MaxPositions = 100 };

    [Theory]
    [InlineData(MambaDirection.Forward, MambaPooling.Mean, false)]
    [InlineData(MambaDirection.BidirectionalTied, MambaPooling.Max, false)]
    [InlineData(MambaDirection.BidirectionalSeparate, MambaPooling.Attention, true)]
    [InlineData(MambaDirection.Forward, MambaPooling.Mean, true, 40)]
    [InlineData(MambaDirection.BidirectionalSeparate, MambaPooling.Attention, false, 40)]
    public void TrainStep_AllocatesNothingAfterTheFirst(MambaDirection direction, MambaPooling pooling, bool normalize, int backpropagationLength = 0)
    {
        MambaConfig config = Config with { Direction = direction, Pooling = pooling, NormalizeDtBC = normalize };
        using IMambaModel model = CpuEngines.Default.CreateModel(config, RandomWeights.Create(config, 1));
        using IMambaTrainingSession session = model.StartTraining(
            new MambaTrainingSettings
            {
                Dropout = 0.1f, HeadDropout = 0.1f, TokenDropout = 0.1f, LabelSmoothing = 0.1f, ClassWeights = [1, 2, 3],
                BackpropagationLength = backpropagationLength,
            });
        SequenceBatch batch = RandomBatches.Create(config, 2, 50, 3, 130, 64);
        int[] targets = [0, 1, 2, 1];
        AllocatesNothing(() => session.TrainStep(batch, targets, 0.01f));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void TrainStep_OverFramesAllocatesNothingAfterTheFirst(int patchLength)
    {
        MambaConfig config = Config with { VocabSize = 0, InputChannels = 5, Pooling = MambaPooling.Last, PatchLength = patchLength };
        using IMambaModel model = CpuEngines.Default.CreateModel(config, RandomWeights.Create(config, 1));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings { TokenDropout = 0.1f });
        SequenceBatch batch = RandomBatches.Create(config, 2, 50, 3, 130, 64);
        int[] targets = [0, 1, 2, 1];
        AllocatesNothing(() => session.TrainStep(batch, targets, 0.01f));
    }

    [Fact]
    public void Averages_AllocateNothingAfterTheFirst()
    {
        using IMambaModel model = CpuEngines.Default.CreateModel(Config, RandomWeights.Create(Config, 1));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        AllocatesNothing(() =>
        {
            session.StartAverage();
            session.UpdateAverage(0.1f);
            session.SwapAverage();
            session.SwapAverage();
        });
    }

    [Theory]
    [InlineData(MambaHead.Classification)]
    [InlineData(MambaHead.LanguageModel)]
    public void Step_AllocatesNothingAToken(MambaHead head)
    {
        MambaConfig config = Config with { Head = head, NumClasses = head == MambaHead.Classification ? 3 : 0 };
        using IMambaModel model = CpuEngines.Default.CreateModel(config, RandomWeights.Create(config, 1));
        using MambaState state = model.CreateState(2);
        SequenceBatch chunk = RandomBatches.Create(config, 2, 1, 1);
        float[] output = new float[RandomBatches.OutputLength(config, chunk)];
        AllocatesNothing(() => model.Step(state, chunk, output));
    }

    [Fact]
    public void Forward_AllocatesNothingAfterTheFirst()
    {
        MambaConfig config = Config with { Direction = MambaDirection.BidirectionalSeparate };
        using IMambaModel model = CpuEngines.Default.CreateModel(config, RandomWeights.Create(config, 1));
        SequenceBatch batch = RandomBatches.Create(config, 2, 50, 3, 130, 64);
        float[] output = new float[12];
        AllocatesNothing(() => model.Forward(batch, output));
    }

    private static void AllocatesNothing(Action call)
    {
        for (int warmUp = 0; warmUp < 3; warmUp++)
            call();
        long leastOwn = long.MaxValue, leastTotal = long.MaxValue;
        for (int attempt = 0; attempt < 20 && (leastOwn > 0 || leastTotal > 0); attempt++)
        {
            // What another thread is at the moment busy with passes meanwhile.
            Thread.Sleep(attempt);
            long own = GC.GetAllocatedBytesForCurrentThread();
            long total = GC.GetTotalAllocatedBytes(precise: true);
            call();
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - total;

            // The runtime may allocate once, on its own threads or when this one first waits for another; a leak of ours would show every time.
            leastOwn = Math.Min(leastOwn, GC.GetAllocatedBytesForCurrentThread() - own);
            leastTotal = Math.Min(leastTotal, allocated);
        }

        Assert.Equal(0, leastOwn);
        Assert.Equal(0, leastTotal);
    }
}

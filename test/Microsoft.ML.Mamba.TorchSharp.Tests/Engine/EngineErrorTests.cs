using System.Runtime.InteropServices;
using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.TorchSharp.Native;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Engine;

/// <summary>What a device lacks is said in one sentence that names it.</summary>
public sealed class EngineErrorTests
{
    [Fact]
    public void NegativeDevice_IsNamed()
    {
        Assert.Contains("-1", Assert.Throws<ArgumentOutOfRangeException>(() => TorchMambaEngine.Create(-1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UndefinedPrecision_IsNamed() =>
        Assert.Contains("7", Assert.Throws<ArgumentOutOfRangeException>(() => TorchMambaEngine.Create(0, (MambaPrecision)7)).Message, StringComparison.Ordinal);

    [Fact]
    public void MissingDevice_IsNamed()
    {
        _ = TorchEngines.Cpu;
        string message = Assert.Throws<NotSupportedException>(() => TorchMambaEngine.Create(4096)).Message;
        Assert.Contains(torch.cuda.is_available() ? "no CUDA device 4096" : "torch sees no CUDA device", message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingLibrary_IsNamedWithItsPackage()
    {
        string message = Assert.Throws<NotSupportedException>(() => CudaKernels.CheckLibrary(typeof(TorchMambaEngine).Assembly, "mamba_cuda_of_nowhere")).Message;
        Assert.Contains("mamba_cuda_of_nowhere", message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.Mamba.Cuda", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1u, null)]
    [InlineData(0u, "ABI version 0")]
    [InlineData(2u, "ABI version 2")]
    public void LibraryOfAnotherVersion_IsNamed(uint version, string? expected)
    {
        if (expected is null)
            CudaKernels.CheckVersion(version);
        else
            Assert.Contains(expected, Assert.Throws<NotSupportedException>(() => CudaKernels.CheckVersion(version)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 GiB.\nstack", true)]
    [InlineData("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.", true)]
    [InlineData("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes.", true)]
    [InlineData("mat1 and mat2 shapes cannot be multiplied", false)]
    public void ExhaustedMemory_IsRecognisedAndSaysWhatForAndWhatToLower(string torchSays, bool exhausted)
    {
        var cause = new ExternalException(torchSays);
        Assert.Equal(exhausted, DeviceMemory.IsExhausted(cause));
        if (!exhausted)
            return;
        InsufficientMemoryException error = DeviceMemory.Exhausted(cause, "for 3 sequences of 90 tokens together", "MaxBatchTokens or BatchSize");
        Assert.Equal(
            "The device's memory does not suffice for 3 sequences of 90 tokens together. Lower MaxBatchTokens or BatchSize. "
            + $"Torch says: {torchSays.Split('\n')[0]}",
            error.Message);
        Assert.Same(cause, error.InnerException);
    }

    [Fact]
    public void ExhaustedMemoryOnADevice_LeavesTheModelUsable()
    {
        var config = new MambaConfig { DModel = 256, NumLayers = 1, VocabSize = 5, NumClasses = 2 };
        using IMambaModel model = TorchEngines.Cuda.CreateModel(config, RandomWeights.Create(config, 1));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        // x and z alone take 4 KiB a token.
        SequenceBatch huge = RandomBatches.Create(config, 1, 50_000_000), small = RandomBatches.Create(config, 1, 5);
        string message = Assert.Throws<InsufficientMemoryException>(() => session.TrainStep(huge, [1], 0.01f)).Message;
        Assert.Contains("1 sequences of 50000000 tokens", message, StringComparison.Ordinal);
        Assert.Contains("MaxBatchTokens", message, StringComparison.Ordinal);
        Assert.True(session.TrainStep(small, [1], 0.01f).IsFinite);
    }

    [Fact]
    public void ExhaustedMemoryOnADevice_InScoringSaysWhatToLowerThere()
    {
        var config = new MambaConfig { DModel = 256, NumLayers = 1, VocabSize = 5, NumClasses = 2, Direction = MambaDirection.BidirectionalTied };
        using IMambaModel model = TorchEngines.Cuda.CreateModel(config, RandomWeights.Create(config, 1));
        // The residual stream and the reversed direction's output alone take 3 KiB a token.
        string message = Assert.Throws<InsufficientMemoryException>(() => model.Forward(RandomBatches.Create(config, 1, 80_000_000), new float[2])).Message;
        Assert.Contains("scoring 1 sequences of 80000000 tokens", message, StringComparison.Ordinal);
        Assert.Contains("ScoringBatchTokens", message, StringComparison.Ordinal);
        model.Forward(RandomBatches.Create(config, 1, 5), new float[2]);
    }

    [Fact]
    public void StateOfTheManagedEngine_IsRefused()
    {
        var config = new MambaConfig { DModel = 4, NumLayers = 1, VocabSize = 5, NumClasses = 2 };
        using IMambaModel model = TorchEngines.Cpu.CreateModel(config, RandomWeights.Create(config, 1));
        using IMambaModel managed = TorchEngines.Managed.CreateModel(config, RandomWeights.Create(config, 1));
        using MambaState state = managed.CreateState();
        Assert.Contains(
            "another engine",
            Assert.Throws<ArgumentException>(() => model.Step(state, RandomBatches.Create(config, 1, 3), new float[2])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Names_TellTheDevice()
    {
        Assert.Equal("torch-cpu", TorchEngines.Cpu.Name);
        Assert.Equal(MambaPrecision.Float32, Assert.IsType<TorchMambaEngine>(TorchEngines.Cpu).Precision);
    }
}

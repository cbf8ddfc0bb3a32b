using Microsoft.ML.Mamba.EngineConformance;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Engine;

public sealed class TorchCpuForwardTests : ForwardSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuStreamingTests : StreamingSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuGradientTests : GradientSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuTrainingTests : TrainingSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuTrainingOptionsTests : TrainingOptionsSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuErrorTests : ErrorSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuGoldenTests : GoldenSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaForwardTests : ForwardSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaStreamingTests : StreamingSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaGradientTests : GradientSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaTrainingTests : TrainingSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaTrainingOptionsTests : TrainingOptionsSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaErrorTests : ErrorSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaGoldenTests : GoldenSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuSaliencyTests : SaliencySuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaSaliencyTests : SaliencySuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuAverageTests : AverageSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuPatchTests : PatchSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuPooledTests : PooledSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaAverageTests : AverageSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaPatchTests : PatchSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaPooledTests : PooledSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuChunkedTrainingTests : ChunkedTrainingSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;

    protected override double PackedTolerance => Tolerances.OtherRows;

    protected override double ChunkTolerance => Tolerances.OtherRows;
}

public sealed class TorchCpuResumeTests : ResumeSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;
}

public sealed class TorchCudaChunkedTrainingTests : ChunkedTrainingSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;

    protected override double PackedTolerance => Tolerances.OtherRows;

    protected override double ChunkTolerance => Tolerances.OtherRows;
}

public sealed class TorchCudaResumeTests : ResumeSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;
}

public sealed class TorchCpuEnsembleTests : EnsembleSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cpu;
}

public sealed class TorchCudaEnsembleTests : EnsembleSuite
{
    protected override IMambaEngine Engine => TorchEngines.Cuda;
}

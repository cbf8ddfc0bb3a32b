using Microsoft.ML.Mamba.EngineConformance;

namespace Microsoft.ML.Mamba.Cpu.Tests.Engine;

public sealed class CpuForwardTests : ForwardSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuPooledTests : PooledSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuSaliencyTests : SaliencySuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuPatchTests : PatchSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuStreamingTests : StreamingSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuGradientTests : GradientSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuTrainingTests : TrainingSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuTrainingOptionsTests : TrainingOptionsSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuAverageTests : AverageSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuResumeTests : ResumeSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuEnsembleTests : EnsembleSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuChunkedTrainingTests : ChunkedTrainingSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuErrorTests : ErrorSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

public sealed class CpuGoldenTests : GoldenSuite
{
    protected override IMambaEngine Engine => CpuEngines.Default;
}

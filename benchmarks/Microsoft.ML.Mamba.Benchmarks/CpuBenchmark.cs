using Microsoft.ML.Mamba.Benchmarks.Limits;
using Microsoft.ML.Mamba.Benchmarks.Operators;
using Microsoft.ML.Mamba.Benchmarks.Reporting;
using Microsoft.ML.Mamba.Benchmarks.Steps;

namespace Microsoft.ML.Mamba.Benchmarks;

/// <summary>The managed engine: operators against the machine's limits, then whole training steps against the sum of their operators.</summary>
internal static class CpuBenchmark
{
    public static void Run(MachineLimits one, MachineLimits all)
    {
        var table = new OperatorTable(one, all);
        Console.WriteLine(
            "Operators. The limit is whichever of multiply-adds, bytes (each input read and each output written once, "
            + "at the speed of a copy of that size) and exponentials takes longest:");
        Console.WriteLine();
        table.Print(
        [
            .. GemmCases.Linear(2048, 768, 1536),
            .. GemmCases.Linear(2000, 64, 256),
            .. GemmCases.Linear(2000, 128, 36),
            .. GemmCases.Linear(2000, 4, 128),
            ScanCases.Forward(2048, 1, 1536, 16),
            ScanCases.Backward(2048, 1, 1536, 16),
            ScanCases.Forward(2000, 32, 128, 16),
            ScanCases.Backward(2000, 32, 128, 16),
            ScanCases.Forward(16384, 1, 128, 16),
            ScanCases.Backward(16384, 1, 128, 16),
            ConvCases.Forward(2048, 1, 1536),
            ConvCases.Backward(2048, 1, 1536),
            ConvCases.Forward(2000, 32, 128),
            ConvCases.Backward(2000, 32, 128),
            NormCases.Forward(2048, 768),
            NormCases.Backward(2048, 768),
            NormCases.Forward(2000, 64),
            NormCases.Backward(2000, 64),
            ElementwiseCases.GateForward(2000, 128),
            ElementwiseCases.GateBackward(2000, 128),
            ElementwiseCases.ResidualAddition(2000, 64),
            ElementwiseCases.EmbeddingForward(2000, 64, 8000),
            ElementwiseCases.EmbeddingBackward(2000, 64, 8000),
            ElementwiseCases.PoolingForward(MambaPooling.Mean, 2000, 32, 64),
            ElementwiseCases.PoolingForward(MambaPooling.Attention, 2000, 32, 64),
            ElementwiseCases.PoolingBackward(MambaPooling.Attention, 2000, 32, 64),
            ElementwiseCases.Norm(1_000_000),
            ElementwiseCases.Optimizer(1_000_000),
        ]);

        Console.WriteLine();
        Console.WriteLine("Training steps against the sum of their operators, each measured alone at the step's shapes:");
        Console.WriteLine();
        StepTable.Print(
        [
            new StepShape(
                "width 64, 2 bidirectional layers, 32 x 60 tokens",
                new MambaConfig
                {
                    DModel = 64, NumLayers = 2, VocabSize = 20, NumClasses = 3, Direction = MambaDirection.BidirectionalSeparate, Pooling = MambaPooling.Attention,
                },
                32,
                60),
            new StepShape("width 128, 4 layers, 1 x 4096 tokens", new MambaConfig { DModel = 128, NumLayers = 4, VocabSize = 5000, NumClasses = 2 }, 1, 4096),
            new StepShape("width 256, 4 layers, 8 x 512 tokens", new MambaConfig { DModel = 256, NumLayers = 4, VocabSize = 5000, NumClasses = 2 }, 8, 512),
        ],
        all.Threads);
    }
}

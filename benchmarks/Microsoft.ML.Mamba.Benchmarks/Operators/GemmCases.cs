using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Operators;

internal static class GemmCases
{
    public static OperatorCase Case(GemmKind kind, int m, int n, int k, bool accumulate = false) => new(
        $"gemm {kind}",
        $"{m} x {n} x {k}",
        2.0 * m * n * k,
        sizeof(float) * ((double)m * k + (double)n * k + (double)m * n * (accumulate ? 2 : 1)),
        0,
        parallel =>
        {
            float[] a = Buffers.Random((long)m * k, 1), b = Buffers.Random((long)n * k, 2), c = new float[(long)m * n];
            var workspace = new float[Gemm.WorkspaceSize(kind, m, n, k)];
            int strideA = kind == GemmKind.TN ? m : k, strideB = kind == GemmKind.NT ? k : n;
            return () => Gemm.Multiply(kind, m, n, k, a, strideA, b, strideB, [], c, n, accumulate, workspace, parallel);
        });

    /// <summary>A linear layer's three products over T tokens: forward, gradient of its input, gradient of its weight.</summary>
    public static IEnumerable<OperatorCase> Linear(int tokens, int inputs, int outputs) =>
    [
        Case(GemmKind.NT, tokens, outputs, inputs),
        Case(GemmKind.NN, tokens, inputs, outputs),
        Case(GemmKind.TN, outputs, inputs, tokens, accumulate: true),
    ];
}

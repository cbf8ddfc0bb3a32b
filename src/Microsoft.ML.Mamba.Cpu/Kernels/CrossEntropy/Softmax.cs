using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Probabilities <c>p[i, c] = e^x[i, c] / sum over c of e^x[i, c]</c> of each row, overwritten (=); p may be x. Sums are double.</summary>
internal static unsafe class Softmax
{
    /// <param name="rows">Rows.</param>
    /// <param name="classes">Columns, at least 1.</param>
    /// <param name="logits">[rows, classes].</param>
    /// <param name="strideLogits">Row stride of <paramref name="logits"/>.</param>
    /// <param name="probabilities">[rows, classes], overwritten; may be <paramref name="logits"/>.</param>
    /// <param name="strideProbabilities">Row stride of <paramref name="probabilities"/>.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Forward(
        int rows, int classes, ReadOnlySpan<float> logits, int strideLogits, Span<float> probabilities, int strideProbabilities, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Forward<Lanes512, Vector512<float>>(rows, classes, logits, strideLogits, probabilities, strideProbabilities, parallel); break;
            case 256: Forward<Lanes256, Vector256<float>>(rows, classes, logits, strideLogits, probabilities, strideProbabilities, parallel); break;
            case 128: Forward<Lanes128, Vector128<float>>(rows, classes, logits, strideLogits, probabilities, strideProbabilities, parallel); break;
            default: Forward<Lanes1, float>(rows, classes, logits, strideLogits, probabilities, strideProbabilities, parallel); break;
        }
    }

    internal static void Forward<TLanes, TVector>(
        int rows, int classes, ReadOnlySpan<float> logits, int strideLogits, Span<float> probabilities, int strideProbabilities, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(classes, nameof(classes), 1);
        KernelCheck.Matrix(logits.Length, nameof(logits), rows, nameof(rows), classes, nameof(classes), strideLogits);
        KernelCheck.Matrix(probabilities.Length, nameof(probabilities), rows, nameof(rows), classes, nameof(classes), strideProbabilities);
        fixed (float* pLogits = logits, pProbabilities = probabilities)
        {
            int size = RowBlocks.RowsPerPiece(rows, classes);
            var job = new Job<TLanes, TVector>(rows, classes, pLogits, strideLogits, pProbabilities, strideProbabilities, size);
            parallel.For(RowBlocks.CountOf(rows, size), ref job);
        }
    }

    private readonly struct Job<TLanes, TVector>(
        int rows, int classes, float* logits, int strideLogits, float* probabilities, int strideProbabilities, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int end = Math.Min((index + 1) * size, rows);
            for (int i = index * size; i < end; i++)
            {
                float* x = logits + (nint)i * strideLogits;
                float* p = probabilities + (nint)i * strideProbabilities;
                double sum = SoftmaxRow.Exponentials<TLanes, TVector>(x, SoftmaxRow.Max<TLanes, TVector>(x, classes), p, classes);
                SoftmaxRow.Scale<TLanes, TVector>(p, (float)(1 / sum), classes);
            }
        }
    }
}

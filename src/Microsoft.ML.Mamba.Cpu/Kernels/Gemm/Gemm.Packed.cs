using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary><c>C (+)= A W^T (+ bias)</c> with W packed beforehand; needs no workspace.</summary>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="a">[m, w.K].</param>
    /// <param name="strideA">Row stride of A.</param>
    /// <param name="w">W, [w.N, w.K].</param>
    /// <param name="bias">[w.N], or empty.</param>
    /// <param name="c">[m, w.N].</param>
    /// <param name="strideC">Row stride of C.</param>
    /// <param name="accumulate">Whether C is accumulated (+=) rather than overwritten (=).</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Multiply(
        int m, ReadOnlySpan<float> a, int strideA, PackedMatrix w, ReadOnlySpan<float> bias, Span<float> c, int strideC, bool accumulate, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Multiply<Lanes512, Vector512<float>>(m, a, strideA, w, bias, c, strideC, accumulate, parallel); break;
            case 256: Multiply<Lanes256, Vector256<float>>(m, a, strideA, w, bias, c, strideC, accumulate, parallel); break;
            case 128: Multiply<Lanes128, Vector128<float>>(m, a, strideA, w, bias, c, strideC, accumulate, parallel); break;
            default: Multiply<Lanes1, float>(m, a, strideA, w, bias, c, strideC, accumulate, parallel); break;
        }
    }

    internal static void Multiply<TLanes, TVector>(
        int m, ReadOnlySpan<float> a, int strideA, PackedMatrix w, ReadOnlySpan<float> bias, Span<float> c, int strideC, bool accumulate, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        w.Check(TLanes.Count);
        int n = w.N, k = w.K;
        KernelCheck.Size(m, nameof(m));
        KernelCheck.Matrix(a.Length, nameof(a), m, nameof(m), k, nameof(k), strideA);
        if (!bias.IsEmpty)
            KernelCheck.Vector(bias.Length, nameof(bias), n, nameof(n));
        KernelCheck.Matrix(c.Length, nameof(c), m, nameof(m), n, nameof(n), strideC);
        fixed (float* pa = a, pBias = bias, pc = c)
            MultiplyPanels<TLanes, TVector>(new GemmProduct(m, n, k, pa, strideA, w.Panels, 0, pBias, pc, strideC, accumulate), parallel);
        GC.KeepAlive(w);
    }
}

using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary><c>x[i] *= factor</c> over a flat block.</summary>
internal static unsafe class FlatScale
{
    private const int PieceSize = 16_384;

    /// <param name="x">Changed in place.</param>
    /// <param name="factor">Any value.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Multiply(Span<float> x, float factor, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Multiply<Lanes512, Vector512<float>>(x, factor, parallel); break;
            case 256: Multiply<Lanes256, Vector256<float>>(x, factor, parallel); break;
            case 128: Multiply<Lanes128, Vector128<float>>(x, factor, parallel); break;
            default: Multiply<Lanes1, float>(x, factor, parallel); break;
        }
    }

    internal static void Multiply<TLanes, TVector>(Span<float> x, float factor, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        fixed (float* px = x)
        {
            var job = new Job<TLanes, TVector>(px, x.Length, factor);
            parallel.For(RowBlocks.CountOf(x.Length, PieceSize), ref job);
        }
    }

    private readonly struct Job<TLanes, TVector>(float* x, int count, float factor) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index) =>
            SoftmaxRow.Scale<TLanes, TVector>(x + (nint)index * PieceSize, factor, Math.Min(PieceSize, count - index * PieceSize));
    }
}

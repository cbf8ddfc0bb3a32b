using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The gate of a Mamba block: <c>out = y * SiLU(z)</c>, element by element (Gu and Dao, "Mamba", figure 3). All buffers are [rows, channels]
/// with row strides. Overwritten (=): out, gradY, gradZ; each may be the very buffer of an input, not overlap it otherwise.
/// </summary>
internal static unsafe partial class Gate
{
    /// <summary>Overwrites <paramref name="output"/> with <c>y * SiLU(z)</c>.</summary>
    public static void Forward(
        int rows, int channels, ReadOnlySpan<float> y, int strideY, ReadOnlySpan<float> z, int strideZ, Span<float> output, int strideOutput, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Forward<Lanes512, Vector512<float>>(rows, channels, y, strideY, z, strideZ, output, strideOutput, parallel); break;
            case 256: Forward<Lanes256, Vector256<float>>(rows, channels, y, strideY, z, strideZ, output, strideOutput, parallel); break;
            case 128: Forward<Lanes128, Vector128<float>>(rows, channels, y, strideY, z, strideZ, output, strideOutput, parallel); break;
            default: Forward<Lanes1, float>(rows, channels, y, strideY, z, strideZ, output, strideOutput, parallel); break;
        }
    }

    internal static void Forward<TLanes, TVector>(
        int rows, int channels, ReadOnlySpan<float> y, int strideY, ReadOnlySpan<float> z, int strideZ, Span<float> output, int strideOutput, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(channels, nameof(channels), 1);
        KernelCheck.Matrix(y.Length, nameof(y), rows, nameof(rows), channels, nameof(channels), strideY);
        KernelCheck.Matrix(z.Length, nameof(z), rows, nameof(rows), channels, nameof(channels), strideZ);
        KernelCheck.Matrix(output.Length, nameof(output), rows, nameof(rows), channels, nameof(channels), strideOutput);
        fixed (float* py = y, pz = z, pOutput = output)
        {
            int size = RowBlocks.RowsPerPiece(rows, channels);
            var job = new ForwardJob<TLanes, TVector>(rows, channels, py, strideY, pz, strideZ, pOutput, strideOutput, size);
            parallel.For(RowBlocks.CountOf(rows, size), ref job);
        }
    }

    private static void ForwardRow<TLanes, TVector>(float* y, float* z, float* output, int channels)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int c = 0;
        for (; c + TLanes.Count <= channels; c += TLanes.Count)
            TLanes.Store(output + c, TLanes.Multiply(TLanes.Load(y + c), SimdMath.Silu<TLanes, TVector>(TLanes.Load(z + c))));
        for (; c < channels; c++)
            output[c] = y[c] * SimdMath.Silu(z[c]);
    }

    private readonly struct ForwardJob<TLanes, TVector>(
        int rows, int channels, float* y, int strideY, float* z, int strideZ, float* output, int strideOutput, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int end = Math.Min((index + 1) * size, rows);
            for (int t = index * size; t < end; t++)
                ForwardRow<TLanes, TVector>(y + (nint)t * strideY, z + (nint)t * strideZ, output + (nint)t * strideOutput, channels);
        }
    }
}

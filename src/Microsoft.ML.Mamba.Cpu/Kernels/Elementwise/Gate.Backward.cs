using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class Gate
{
    // Saved: y and z, the inputs. Recomputed: SiLU(z) and its derivative.

    /// <summary>Overwrites <c>gradY = gradOutput * SiLU(z)</c> and <c>gradZ = gradOutput * y * SiLU'(z)</c>.</summary>
    public static void Backward(
        int rows, int channels, ReadOnlySpan<float> y, int strideY, ReadOnlySpan<float> z, int strideZ, ReadOnlySpan<float> gradOutput, int strideGradOutput,
        Span<float> gradY, int strideGradY, Span<float> gradZ, int strideGradZ, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Backward<Lanes512, Vector512<float>>(rows, channels, y, strideY, z, strideZ, gradOutput, strideGradOutput, gradY,
                strideGradY, gradZ, strideGradZ, parallel); break;
            case 256: Backward<Lanes256, Vector256<float>>(rows, channels, y, strideY, z, strideZ, gradOutput, strideGradOutput, gradY,
                strideGradY, gradZ, strideGradZ, parallel); break;
            case 128: Backward<Lanes128, Vector128<float>>(rows, channels, y, strideY, z, strideZ, gradOutput, strideGradOutput, gradY,
                strideGradY, gradZ, strideGradZ, parallel); break;
            default: Backward<Lanes1, float>(rows, channels, y, strideY, z, strideZ, gradOutput, strideGradOutput, gradY, strideGradY,
                gradZ, strideGradZ, parallel); break;
        }
    }

    internal static void Backward<TLanes, TVector>(
        int rows, int channels, ReadOnlySpan<float> y, int strideY, ReadOnlySpan<float> z, int strideZ, ReadOnlySpan<float> gradOutput, int strideGradOutput,
        Span<float> gradY, int strideGradY, Span<float> gradZ, int strideGradZ, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(channels, nameof(channels), 1);
        KernelCheck.Matrix(y.Length, nameof(y), rows, nameof(rows), channels, nameof(channels), strideY);
        KernelCheck.Matrix(z.Length, nameof(z), rows, nameof(rows), channels, nameof(channels), strideZ);
        KernelCheck.Matrix(gradOutput.Length, nameof(gradOutput), rows, nameof(rows), channels, nameof(channels), strideGradOutput);
        KernelCheck.Matrix(gradY.Length, nameof(gradY), rows, nameof(rows), channels, nameof(channels), strideGradY);
        KernelCheck.Matrix(gradZ.Length, nameof(gradZ), rows, nameof(rows), channels, nameof(channels), strideGradZ);
        fixed (float* py = y, pz = z, pGradOutput = gradOutput, pGradY = gradY, pGradZ = gradZ)
        {
            int size = RowBlocks.RowsPerPiece(rows, channels);
            var job = new BackwardJob<TLanes, TVector>(
                rows, channels, py, strideY, pz, strideZ, pGradOutput, strideGradOutput, pGradY, strideGradY, pGradZ, strideGradZ, size);
            parallel.For(RowBlocks.CountOf(rows, size), ref job);
        }
    }

    private static void BackwardRow<TLanes, TVector>(float* y, float* z, float* gradOutput, float* gradY, float* gradZ, int channels)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int c = 0;
        for (; c + TLanes.Count <= channels; c += TLanes.Count)
        {
            TVector derivative = SimdMath.SiluDerivative<TLanes, TVector>(TLanes.Load(z + c), out TVector silu);
            TVector gradient = TLanes.Load(gradOutput + c);
            TVector gradientZ = TLanes.Multiply(TLanes.Multiply(gradient, TLanes.Load(y + c)), derivative);
            TLanes.Store(gradY + c, TLanes.Multiply(gradient, silu));
            TLanes.Store(gradZ + c, gradientZ);
        }

        for (; c < channels; c++)
        {
            float derivative = SimdMath.SiluDerivative(z[c], out float silu);
            float gradient = gradOutput[c];
            float gradientZ = gradient * y[c] * derivative;
            gradY[c] = gradient * silu;
            gradZ[c] = gradientZ;
        }
    }

    private readonly struct BackwardJob<TLanes, TVector>(
        int rows, int channels, float* y, int strideY, float* z, int strideZ, float* gradOutput, int strideGradOutput,
        float* gradY, int strideGradY, float* gradZ, int strideGradZ, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int end = Math.Min((index + 1) * size, rows);
            for (int t = index * size; t < end; t++)
            {
                BackwardRow<TLanes, TVector>(
                    y + (nint)t * strideY, z + (nint)t * strideZ, gradOutput + (nint)t * strideGradOutput,
                    gradY + (nint)t * strideGradY, gradZ + (nint)t * strideGradZ, channels);
            }
        }
    }
}

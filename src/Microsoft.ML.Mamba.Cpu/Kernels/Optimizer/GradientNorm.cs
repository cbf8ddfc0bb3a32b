using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The Euclidean norm of a flat block of gradients, accumulated in double over at most 64 pieces added in order: the same for any number of threads,
/// and no overflow for any finite gradients. NaN or infinity anywhere gives NaN or infinity.
/// </summary>
internal static unsafe class GradientNorm
{
    private const int SmallestPiece = 4096;
    private const int MostPieces = 64;

    /// <summary><c>sqrt(sum over i of g[i]^2)</c>; 0 for none.</summary>
    public static double Compute(ReadOnlySpan<float> gradients, CpuParallel parallel)
    {
        int size = Math.Max(SmallestPiece, RowBlocks.CountOf(gradients.Length, MostPieces));
        int pieces = RowBlocks.CountOf(gradients.Length, size);
        double* partial = stackalloc double[MostPieces];
        fixed (float* g = gradients)
        {
            var job = new Job(g, gradients.Length, size, partial);
            parallel.For(pieces, ref job);
        }

        double sum = 0;
        for (int i = 0; i < pieces; i++)
            sum += partial[i];
        return Math.Sqrt(sum);
    }

    private readonly struct Job(float* g, int count, int size, double* partial) : IParallelJob
    {
        public void Run(int index)
        {
            int start = index * size;
            var piece = new ReadOnlySpan<float>(g + start, Math.Min(size, count - start));
            ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(piece);
            Vector<double> low = Vector<double>.Zero, high = Vector<double>.Zero;
            foreach (Vector<float> vector in vectors)
            {
                Vector.Widen(vector, out Vector<double> a, out Vector<double> b);
                low += a * a;
                high += b * b;
            }

            double sum = Vector.Sum(low + high);
            foreach (float value in piece[(vectors.Length * Vector<float>.Count)..])
                sum += (double)value * value;
            partial[index] = sum;
        }
    }
}

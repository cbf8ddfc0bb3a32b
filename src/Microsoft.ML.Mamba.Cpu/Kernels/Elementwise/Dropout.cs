using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Dropout: <c>y[t, c] (+)= mask[t, c] * x[t, c] / (1 - p)</c>, the mask 0 with probability p and else 1, drawn from a <see cref="DropoutKey"/> and
/// the element's position <c>t * channels + c</c>. Nothing is saved: the backward pass is the same call on the gradients with the same key.
/// </summary>
/// <remarks>Overwritten (=) or accumulated (+=) as the caller says: y, which may be x when overwritten. The mask does not depend on strides or threads.</remarks>
internal static unsafe class Dropout
{
    /// <param name="rows">Rows.</param>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="x">[rows, channels].</param>
    /// <param name="strideX">Row stride of <paramref name="x"/>.</param>
    /// <param name="y">[rows, channels].</param>
    /// <param name="strideY">Row stride of <paramref name="y"/>.</param>
    /// <param name="accumulate">Whether <paramref name="y"/> is accumulated (+=) rather than overwritten (=).</param>
    /// <param name="probability">p, at least 0 and below 1; 0 keeps everything.</param>
    /// <param name="key">The mask.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Apply(
        int rows, int channels, ReadOnlySpan<float> x, int strideX, Span<float> y, int strideY, bool accumulate,
        float probability, DropoutKey key, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Apply<Lanes512, Vector512<float>>(rows, channels, x, strideX, y, strideY, accumulate, probability, key, parallel); break;
            case 256: Apply<Lanes256, Vector256<float>>(rows, channels, x, strideX, y, strideY, accumulate, probability, key, parallel); break;
            case 128: Apply<Lanes128, Vector128<float>>(rows, channels, x, strideX, y, strideY, accumulate, probability, key, parallel); break;
            default: Apply<Lanes1, float>(rows, channels, x, strideX, y, strideY, accumulate, probability, key, parallel); break;
        }
    }

    internal static void Apply<TLanes, TVector>(
        int rows, int channels, ReadOnlySpan<float> x, int strideX, Span<float> y, int strideY, bool accumulate,
        float probability, DropoutKey key, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(channels, nameof(channels), 1);
        KernelCheck.Matrix(x.Length, nameof(x), rows, nameof(rows), channels, nameof(channels), strideX);
        KernelCheck.Matrix(y.Length, nameof(y), rows, nameof(rows), channels, nameof(channels), strideY);
        KernelCheck.Fraction(probability, nameof(probability));
        fixed (float* px = x, py = y)
        {
            int size = RowBlocks.RowsPerPiece(rows, channels);
            var job = new Job<TLanes, TVector>(
                rows, channels, px, strideX, py, strideY, accumulate, Threshold(probability), 1f / (1f - probability), key, size);
            parallel.For(RowBlocks.CountOf(rows, size), ref job);
        }
    }

    /// <summary>Sets whole rows of <paramref name="x"/> to 0 with probability p and leaves the others as they are: tokens are hidden, not rescaled.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="x">[rows, channels], changed in place; for the backward pass, the gradients.</param>
    /// <param name="strideX">Row stride of <paramref name="x"/>.</param>
    /// <param name="probability">p, at least 0 and below 1.</param>
    /// <param name="key">The mask; row t is hidden alike for any number of channels.</param>
    public static void HideRows(int rows, int channels, Span<float> x, int strideX, float probability, DropoutKey key)
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(channels, nameof(channels), 1);
        KernelCheck.Matrix(x.Length, nameof(x), rows, nameof(rows), channels, nameof(channels), strideX);
        KernelCheck.Fraction(probability, nameof(probability));
        uint threshold = Threshold(probability);
        for (int t = 0; t < rows; t++)
        {
            if (CounterHash.Hash((uint)t, key.Key0, key.Key1) < threshold)
                x.Slice((int)((long)t * strideX), channels).Clear();
        }
    }

    private static uint Threshold(float probability) => (uint)(probability * 4294967296.0);

    private readonly struct Job<TLanes, TVector>(
        int rows, int channels, float* x, int strideX, float* y, int strideY, bool accumulate, uint threshold, float scale, DropoutKey key, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int end = Math.Min((index + 1) * size, rows);
            for (int t = index * size; t < end; t++)
                Row((long)t * channels, x + (nint)t * strideX, y + (nint)t * strideY);
        }

        private void Row(long start, float* source, float* destination)
        {
            uint key0 = key.KeyAt(start);
            uint key1 = key.Key1;
            TVector factor = TLanes.Create(scale);
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count)
            {
                TVector value = TLanes.KeepWhereHashed(TLanes.Multiply(TLanes.Load(source + c), factor), (uint)(start + c), key0, key1, threshold);
                TLanes.Store(destination + c, accumulate ? TLanes.Add(TLanes.Load(destination + c), value) : value);
            }

            for (; c < channels; c++)
            {
                float value = Lanes1.KeepWhereHashed(source[c] * scale, (uint)(start + c), key0, key1, threshold);
                destination[c] = accumulate ? destination[c] + value : value;
            }
        }
    }
}

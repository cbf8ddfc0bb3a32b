using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Copies that turn rows into columns.</summary>
internal static unsafe class GemmTranspose
{
    private const int BlockColumns = 32;

    /// <summary><c>destination[c, r] = source[r, c]</c>, row strides in floats.</summary>
    public static void Copy(int rows, int columns, float* source, nint sourceStride, float* destination, nint destinationStride)
    {
        // Blocks of 32 columns, so that the lines being filled stay in the first cache.
        for (int first = 0; first < columns; first += BlockColumns)
        {
            int count = Math.Min(BlockColumns, columns - first);
            int r = 0;
            int whole = Avx.IsSupported ? count & ~7 : 0;
            for (; r + 8 <= rows && whole > 0; r += 8)
            {
                for (int c = 0; c < whole; c += 8)
                    Copy8x8(source + r * sourceStride + first + c, sourceStride, destination + (first + c) * destinationStride + r, destinationStride);
                CopyScalar(8, count - whole, source + r * sourceStride + first + whole, sourceStride,
                    destination + (first + whole) * destinationStride + r, destinationStride);
            }

            CopyScalar(rows - r, count, source + r * sourceStride + first, sourceStride, destination + first * destinationStride + r, destinationStride);
        }
    }

    private static void CopyScalar(int rows, int columns, float* source, nint sourceStride, float* destination, nint destinationStride)
    {
        for (int r = 0; r < rows; r++)
        {
            float* from = source + r * sourceStride;
            float* to = destination + r;
            for (int c = 0; c < columns; c++, to += destinationStride)
                *to = from[c];
        }
    }

    /// <summary>Eight rows of eight: neighbours interleaved by one, by two, then by four (half a vector).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy8x8(float* source, nint sourceStride, float* destination, nint destinationStride)
    {
        nint three = 3 * sourceStride;
        float* lower = source + 4 * sourceStride;
        Vector256<float> r0 = Vector256.Load(source), r1 = Vector256.Load(source + sourceStride);
        Vector256<float> r2 = Vector256.Load(source + 2 * sourceStride), r3 = Vector256.Load(source + three);
        Vector256<float> r4 = Vector256.Load(lower), r5 = Vector256.Load(lower + sourceStride);
        Vector256<float> r6 = Vector256.Load(lower + 2 * sourceStride), r7 = Vector256.Load(lower + three);

        Interleave(r0, r1, r2, r3, out Vector256<float> a0, out Vector256<float> a1, out Vector256<float> a2, out Vector256<float> a3);
        Interleave(r4, r5, r6, r7, out Vector256<float> b0, out Vector256<float> b1, out Vector256<float> b2, out Vector256<float> b3);
        Vector256.Store(Avx.Permute2x128(a0, b0, 0x20), destination);
        Vector256.Store(Avx.Permute2x128(a1, b1, 0x20), destination + destinationStride);
        Vector256.Store(Avx.Permute2x128(a2, b2, 0x20), destination + 2 * destinationStride);
        Vector256.Store(Avx.Permute2x128(a3, b3, 0x20), destination + 3 * destinationStride);
        destination += 4 * destinationStride;
        Vector256.Store(Avx.Permute2x128(a0, b0, 0x31), destination);
        Vector256.Store(Avx.Permute2x128(a1, b1, 0x31), destination + destinationStride);
        Vector256.Store(Avx.Permute2x128(a2, b2, 0x31), destination + 2 * destinationStride);
        Vector256.Store(Avx.Permute2x128(a3, b3, 0x31), destination + 3 * destinationStride);
    }

    /// <summary>Within each half: column i of the four rows into <c>c(i)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(
        Vector256<float> r0, Vector256<float> r1, Vector256<float> r2, Vector256<float> r3,
        out Vector256<float> c0, out Vector256<float> c1, out Vector256<float> c2, out Vector256<float> c3)
    {
        Vector256<float> low01 = Avx.UnpackLow(r0, r1), high01 = Avx.UnpackHigh(r0, r1);
        Vector256<float> low23 = Avx.UnpackLow(r2, r3), high23 = Avx.UnpackHigh(r2, r3);
        c0 = Avx.Shuffle(low01, low23, 0x44);
        c1 = Avx.Shuffle(low01, low23, 0xEE);
        c2 = Avx.Shuffle(high01, high23, 0x44);
        c3 = Avx.Shuffle(high01, high23, 0xEE);
    }
}

using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Weights W [n, k] packed once for many products <c>C [m, n] = A [m, k] W^T</c>. A row of C depends on its own row of A alone, bit by bit:
/// neither on m nor on its neighbours. Thread-safe once packed.
/// </summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private readonly NativeBlock _block;

    private PackedMatrix(int n, int k, int lanes)
    {
        Lanes = lanes;
        N = n;
        K = k;
        _block = new NativeBlock((long)GemmPanels.MaxSize(n, k) * sizeof(float));
    }

    /// <summary>Rows of W, columns of C.</summary>
    public int N { get; }

    /// <summary>Columns of W, length of the inner products.</summary>
    public int K { get; }

    /// <summary>Floats in the vectors that it was packed for.</summary>
    internal int Lanes { get; }

    internal float* Panels => (float*)_block.Pointer;

    /// <summary>Packs W.</summary>
    /// <param name="n">Rows of W, at least 1.</param>
    /// <param name="k">Columns of W, at least 1.</param>
    /// <param name="w">[n, k].</param>
    /// <param name="strideW">Row stride of <paramref name="w"/>.</param>
    /// <param name="parallel">The threads to use.</param>
    public static PackedMatrix Create(int n, int k, ReadOnlySpan<float> w, int strideW, CpuParallel parallel)
    {
        return SimdWidth.Bits switch
        {
            512 => Create<Lanes512, Vector512<float>>(n, k, w, strideW, parallel),
            256 => Create<Lanes256, Vector256<float>>(n, k, w, strideW, parallel),
            128 => Create<Lanes128, Vector128<float>>(n, k, w, strideW, parallel),
            _ => Create<Lanes1, float>(n, k, w, strideW, parallel),
        };
    }

    /// <summary>Packs other weights of the same shape into the same memory. Not while a product uses it.</summary>
    /// <param name="w">[N, K].</param>
    /// <param name="strideW">Row stride of <paramref name="w"/>.</param>
    /// <param name="parallel">The threads to use.</param>
    public void Refill(ReadOnlySpan<float> w, int strideW, CpuParallel parallel)
    {
        switch (Lanes)
        {
            case 16: Fill<Lanes512, Vector512<float>>(w, strideW, parallel); break;
            case 8: Fill<Lanes256, Vector256<float>>(w, strideW, parallel); break;
            case 4: Fill<Lanes128, Vector128<float>>(w, strideW, parallel); break;
            default: Fill<Lanes1, float>(w, strideW, parallel); break;
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _block.Dispose();

    internal static PackedMatrix Create<TLanes, TVector>(int n, int k, ReadOnlySpan<float> w, int strideW, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(n, nameof(n), 1);
        KernelCheck.Size(k, nameof(k), 1);
        KernelCheck.Matrix(w.Length, nameof(w), n, nameof(n), k, nameof(k), strideW);
        var packed = new PackedMatrix(n, k, TLanes.Count);
        packed.Fill<TLanes, TVector>(w, strideW, parallel);
        return packed;
    }

    private void Fill<TLanes, TVector>(ReadOnlySpan<float> w, int strideW, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Matrix(w.Length, nameof(w), N, "n", K, "k", strideW);
        fixed (float* pw = w)
            GemmPanels.Pack<TLanes, TVector>(transposed: true, N, K, pw, strideW, Panels, parallel);
    }

    internal void Check(int lanes)
    {
        ObjectDisposedException.ThrowIf(_block.IsClosed, this);
        if (lanes != Lanes)
            throw new InvalidOperationException($"The matrix was packed for vectors of {Lanes} floats; this product uses {lanes}.");
    }
}

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>A validated product: sizes, pointers and row strides, as <see cref="Gemm"/> names them. B is as its user says.</summary>
internal readonly unsafe struct GemmProduct(
    int m, int n, int k, float* a, nint strideA, float* b, nint strideB, float* bias, float* c, nint strideC, bool accumulate)
{
    public readonly int M = m;
    public readonly int N = n;
    public readonly int K = k;
    public readonly float* A = a;
    public readonly nint StrideA = strideA;
    public readonly float* B = b;
    public readonly nint StrideB = strideB;
    public readonly float* Bias = bias;
    public readonly float* C = c;
    public readonly nint StrideC = strideC;
    public readonly bool Accumulate = accumulate;

    /// <summary>Multiply-adds of the whole product.</summary>
    public long Work => (long)M * N * K;

    /// <summary>The same product with B packed into <paramref name="panels"/>.</summary>
    public GemmProduct WithPanels(float* panels) => new(M, N, K, A, StrideA, panels, 0, Bias, C, StrideC, Accumulate);

    /// <summary>Where a block of C, from this row and column on, starts its sums; bias is added to C first where C is accumulated.</summary>
    public float* Start<TLanes, TVector>(int row, int rows, int column, int columns, out nint rowStart)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        float* block = C + row * StrideC + column;
        if (Accumulate)
        {
            for (int i = 0; i < rows && Bias != null; i++)
                ColumnSum.AddRow<TLanes, TVector>(Bias + column, block + i * StrideC, columns);
            rowStart = StrideC;
            return block;
        }

        rowStart = 0;
        return Bias == null ? null : Bias + column;
    }
}

using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Matrix products <c>C (+)= op(A) op(B) (+ bias)</c> over row-major matrices with row strides. See <see cref="GemmKind"/> for the shapes of A and B;
/// bias is [n] and added to every row. Accumulated in float32; C is overwritten (=) or accumulated (+=) as the caller says.
/// </summary>
/// <remarks>
/// C must overlap neither A nor B nor the workspace. The result is the same for any number of threads. Thread-safe with distinct C and
/// workspaces.
/// </remarks>
internal static unsafe partial class Gemm
{
    /// <summary>Floats of workspace that a product of this shape needs.</summary>
    public static int WorkspaceSize(GemmKind kind, int m, int n, int k)
    {
        if (kind == GemmKind.TN)
            return TransposedWorkspace(m, n, k);
        return IsFewRows(kind, m, k) ? 0 : GemmPanels.MaxSize(n, k);
    }

    /// <param name="kind">How A and B are stored.</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C, at least 1.</param>
    /// <param name="k">Length of the inner products; 0 gives zeros (plus C and bias).</param>
    /// <param name="a">A.</param>
    /// <param name="strideA">Row stride of A as stored.</param>
    /// <param name="b">B.</param>
    /// <param name="strideB">Row stride of B as stored.</param>
    /// <param name="bias">[n], or empty.</param>
    /// <param name="c">[m, n].</param>
    /// <param name="strideC">Row stride of C.</param>
    /// <param name="accumulate">Whether C is accumulated (+=) rather than overwritten (=).</param>
    /// <param name="workspace">At least <see cref="WorkspaceSize"/>, overwritten.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Multiply(
        GemmKind kind, int m, int n, int k, ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, ReadOnlySpan<float> bias,
        Span<float> c, int strideC, bool accumulate, Span<float> workspace, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Multiply<Lanes512, Vector512<float>>(kind, m, n, k, a, strideA, b, strideB, bias, c, strideC, accumulate, workspace, parallel); break;
            case 256: Multiply<Lanes256, Vector256<float>>(kind, m, n, k, a, strideA, b, strideB, bias, c, strideC, accumulate, workspace, parallel); break;
            case 128: Multiply<Lanes128, Vector128<float>>(kind, m, n, k, a, strideA, b, strideB, bias, c, strideC, accumulate, workspace, parallel); break;
            default: Multiply<Lanes1, float>(kind, m, n, k, a, strideA, b, strideB, bias, c, strideC, accumulate, workspace, parallel); break;
        }
    }

    internal static void Multiply<TLanes, TVector>(
        GemmKind kind, int m, int n, int k, ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, ReadOnlySpan<float> bias,
        Span<float> c, int strideC, bool accumulate, Span<float> workspace, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(m, nameof(m));
        KernelCheck.Size(n, nameof(n), 1);
        KernelCheck.Size(k, nameof(k));
        if (kind == GemmKind.TN)
            KernelCheck.Matrix(a.Length, nameof(a), k, nameof(k), m, nameof(m), strideA);
        else
            KernelCheck.Matrix(a.Length, nameof(a), m, nameof(m), k, nameof(k), strideA);
        if (kind == GemmKind.NT)
            KernelCheck.Matrix(b.Length, nameof(b), n, nameof(n), k, nameof(k), strideB);
        else
            KernelCheck.Matrix(b.Length, nameof(b), k, nameof(k), n, nameof(n), strideB);
        if (!bias.IsEmpty)
            KernelCheck.Vector(bias.Length, nameof(bias), n, nameof(n));
        KernelCheck.Matrix(c.Length, nameof(c), m, nameof(m), n, nameof(n), strideC);
        KernelCheck.Workspace(workspace.Length, WorkspaceSize(kind, m, n, k));
        if (m == 0)
            return;
        fixed (float* pa = a, pb = b, pBias = bias, pc = c, pWorkspace = workspace)
        {
            var product = new GemmProduct(m, n, k, pa, strideA, pb, strideB, pBias, pc, strideC, accumulate);
            if (kind == GemmKind.TN)
            {
                MultiplyTransposed<TLanes, TVector>(product, pWorkspace, parallel);
            }
            else if (!IsFewRows(kind, m, k))
            {
                var panels = (float*)(((nint)pWorkspace + NativeBlock.Alignment - 1) & -NativeBlock.Alignment);
                GemmPanels.Pack<TLanes, TVector>(kind == GemmKind.NT, n, k, pb, strideB, panels, parallel);
                MultiplyPanels<TLanes, TVector>(product.WithPanels(panels), parallel);
            }
            else if (kind == GemmKind.NT)
            {
                MultiplyDots<TLanes, TVector>(product, parallel);
            }
            else
            {
                MultiplyRows<TLanes, TVector>(product, parallel);
            }
        }
    }
}

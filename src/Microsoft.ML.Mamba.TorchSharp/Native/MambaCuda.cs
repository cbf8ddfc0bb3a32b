using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

/// <summary>The functions of <c>native/cuda/include/mamba_cuda.h</c>, which says what they do.</summary>
internal static unsafe partial class MambaCuda
{
    public const string Library = "mamba_cuda";

    /// <summary>MAMBA_ABI_VERSION of the header that these declarations were written from.</summary>
    public const uint AbiVersion = 1;

    [LibraryImport(Library)]
    public static partial uint mamba_abi_version();

    [LibraryImport(Library)]
    public static partial byte* mamba_last_error();

    [LibraryImport(Library)]
    public static partial int mamba_set_device(int device, int* previous);

    [LibraryImport(Library)]
    public static partial int mamba_scan_border_size(ScanProblem* problem, long* bytes);

    [LibraryImport(Library)]
    public static partial int mamba_scan_forward_workspace(ScanProblem* problem, long* bytes);

    [LibraryImport(Library)]
    public static partial int mamba_scan_backward_workspace(ScanProblem* problem, long* bytes);

    [LibraryImport(Library)]
    public static partial int mamba_scan_forward(ScanProblem* problem, ScanOutputs* outputs, nint workspace, long workspaceBytes, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_scan_backward(ScanProblem* problem, ScanGradientPointers* gradients, nint workspace, long workspaceBytes, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_scan_update(ScanStep* step, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_conv_update(ConvStep* step, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_conv_forward(ConvProblem* problem, ConvOutputs* outputs, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_conv_backward_workspace(ConvProblem* problem, long* bytes);

    [LibraryImport(Library)]
    public static partial int mamba_conv_backward(ConvProblem* problem, ConvGradients* gradients, nint workspace, long workspaceBytes, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_norm_forward(NormProblem* problem, NormOutputs* outputs, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_norm_backward_workspace(NormProblem* problem, long* bytes);

    [LibraryImport(Library)]
    public static partial int mamba_norm_backward(NormProblem* problem, NormGradients* gradients, nint workspace, long workspaceBytes, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_pool_forward_workspace(PoolProblem* problem, long* bytes);

    [LibraryImport(Library)]
    public static partial int mamba_pool_forward(
        PoolProblem* problem, nint hidden, long hiddenStride, nint pooled, nint argMax, nint workspace, long workspaceBytes, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_pool_backward(PoolProblem* problem, nint gradPooled, nint argMax, nint gradHidden, long gradHiddenStride, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_adamw(AdamWStep* step, nint stream);

    [LibraryImport(Library)]
    public static partial int mamba_square_sum_workspace(long length, long* bytes);

    [LibraryImport(Library)]
    public static partial int mamba_square_sum(nint values, long length, nint sum, nint workspace, long workspaceBytes, nint stream);

    /// <exception cref="InvalidOperationException">A call failed; the message is the library's.</exception>
    public static void Check(int status)
    {
        if (status != 0)
            throw new InvalidOperationException($"The CUDA kernels report: {Marshal.PtrToStringUTF8((nint)mamba_last_error())}");
    }
}

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Root mean square norm: <c>y[t, c] = x[t, c] * r[t] * weight[c]</c> with <c>r[t] = 1 / sqrt(mean over c of x[t, c]^2 + epsilon)</c>
/// (Zhang and Sennrich, "Root Mean Square Layer Normalization", equation 4); without a weight where <c>weight</c> is empty, as Falcon-Mamba
/// norms dt, B and C. Buffers are [rows, channels] with row strides; sums are float32.
/// </summary>
/// <remarks>
/// Overwritten (=): y, inverseRms. gradX is overwritten or accumulated as the caller says; gradWeight is accumulated (+=), over at most 64
/// partial sums of neighbouring rows added in order, so it is the same for any number of threads. y may be x; gradX may be gradY.
/// </remarks>
internal static unsafe partial class RmsNorm
{
    /// <summary>Floats of workspace that <c>Backward</c> needs.</summary>
    public static int BackwardWorkspaceSize(int rows, int channels, bool hasWeight) => hasWeight ? checked(RowBlocks.Partials(rows) * channels) : 0;

    private static void CheckSizes(int rows, int channels, ReadOnlySpan<float> weight)
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(channels, nameof(channels), 1);
        if (!weight.IsEmpty)
            KernelCheck.Vector(weight.Length, nameof(weight), channels, nameof(channels));
    }
}

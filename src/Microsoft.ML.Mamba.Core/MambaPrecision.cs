namespace Microsoft.ML.Mamba;

/// <summary>In which numbers an engine computes. The CPU engine always computes in float32.</summary>
public enum MambaPrecision
{
    /// <summary>
    /// 32-bit floating point throughout; the torch engine's matrix products are true float32 too, unless the application sets
    /// <c>torch.backends.cuda.matmul.allow_tf32</c>.
    /// </summary>
    Float32 = 0,

    /// <summary>
    /// Mixed precision: weights, residual stream, states and sums in float32, matrix products and per-token tensors in bfloat16 (8 bits of
    /// mantissa). About half the memory and several times the speed of <see cref="Float32"/> for all but small models; results agree to
    /// about two decimal digits. Needs a CUDA device.
    /// </summary>
    BFloat16 = 1,
}

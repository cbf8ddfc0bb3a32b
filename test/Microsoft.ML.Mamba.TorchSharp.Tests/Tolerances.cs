namespace Microsoft.ML.Mamba.TorchSharp.Tests;

/// <summary>How far results may lie apart, each with its reason. A comparison passes only if <c>difference &lt;= tolerance</c>, so NaN fails.</summary>
internal static class Tolerances
{
    /// <summary>Torch's matrix products choose their order of summation by the number of rows: some float32 roundings over a few small layers.</summary>
    public const double OtherRows = 1e-5;

    /// <summary>Logits and gradients of two engines from the same weights and batch, relative to the tensor's largest element: what the issue asks for.</summary>
    public const double Agreement = 1e-4;

    /// <summary>Losses of two engines after 50 steps from the same seed: roundings grow along the way.</summary>
    public const double AgreementAfterTraining = 1e-3;

    /// <summary>Relative to the largest logit: bfloat16 has 8 bits of mantissa, 0.4% a rounding, over a few layers.</summary>
    public const double BFloat16 = 0.05;
}

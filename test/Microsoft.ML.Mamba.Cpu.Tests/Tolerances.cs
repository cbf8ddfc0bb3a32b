namespace Microsoft.ML.Mamba.Cpu.Tests;

/// <summary>
/// How far results may lie from their double-precision references, each with its reason. u is float32's unit roundoff, 6e-8.
/// A comparison passes only if <c>difference &lt;= tolerance</c>, so NaN fails.
/// </summary>
internal static class Tolerances
{
    /// <summary>Relative error of exp, log, softplus and sigmoid: promised in their documentation; about 7 u.</summary>
    public const double Elementary = 4e-7;

    /// <summary>Absolute error of SiLU's derivative: promised in its documentation.</summary>
    public const double SiluDerivative = 4e-7;

    /// <summary>Relative error where a result is a denormal: half the spacing of denormals (0.7e-45), and 1.5 of it with two roundings.</summary>
    public const double Denormal = 2.2e-45;

    /// <summary>
    /// Inner products of factors evenly spread over [-1, 1], times length + 8. A product has deviation 1/3, the sum of the first j about sqrt(j) / 3, and rounding
    /// it adds u / sqrt(3) of that; over k steps the deviation is u k / (3 sqrt(6)) = 8e-9 k. Among a hundred thousand sums some are 2.5 times as large as usual,
    /// with errors in proportion, and some of those have errors of 4.5 deviations: 12 in all.
    /// </summary>
    public const double InnerProduct = 1e-7;

    /// <summary>A few roundings and one elementary function of values of order 1.</summary>
    public const double Elementwise = 2e-6;

    /// <summary>Norms and softmaxes: a sum over at most a thousand values of order 1, a root or exponential, and a few products.</summary>
    public const double Normalized = 3e-6;

    /// <summary>Gradients that sum products over at most a thousand rows, results of order 10.</summary>
    public const double SummedGradient = 2e-5;

    /// <summary>Float32 gradients against central differences of a double reference with step 1e-4: the differences' own error is about 1e-7.</summary>
    public const double FiniteDifference = 1e-5;

    /// <summary>Golden values were computed in double from float32 inputs; ours round a dozen times at order 1 to 10.</summary>
    public const double Golden = 1e-5;

    /// <summary>A mean loss of order 1: double sums of float32 exponentials.</summary>
    public const double Loss = 1e-6;

    /// <summary>Parameters of order 1 after some optimizer steps.</summary>
    public const double Optimizer = 1e-6;

    // Scan and convolution: relative to the tensor's largest element.

    /// <summary>A state is a sum of some hundred float32 terms at most before decay forgets them, each off by some 1e-7.</summary>
    public const double ScanForward = 2e-5;

    /// <summary>Constant decay next to 1 for 4000 steps: as a float32, aBar may be off by 3e-8 (half a unit below 1), each step again.</summary>
    public const double ScanSlowDecay = 4000 * 3e-8;

    /// <summary>Gradients add the backward recurrence's rounding to that of the recomputed states.</summary>
    public const double ScanBackward = 5e-5;

    /// <summary>
    /// The reference's own error: central differences with a step of 1e-5 in double precision, of functions with third derivatives up to
    /// some thousands.
    /// </summary>
    public const double ReferenceDifference = 1e-6;

    /// <summary>A few multiply-adds and one sigmoid, each off by some 1e-7.</summary>
    public const double ConvForward = 2e-6;

    /// <summary>Gradients of weights sum up to some thousand tokens.</summary>
    public const double ConvBackward = 1e-5;

    /// <summary>Two summation orders of the same float32 terms: lanes of another width, or a sequence cut elsewhere.</summary>
    public const double OtherOrder = 1e-5;
}

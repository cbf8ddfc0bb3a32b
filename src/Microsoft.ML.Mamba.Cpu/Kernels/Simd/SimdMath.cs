using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Elementary functions, lane by lane, for any width. Relative errors are at most 4e-7 wherever the result is a normal number; below that
/// results fade gradually into denormals and 0. NaN gives NaN.
/// </summary>
/// <remarks>The overloads for concrete vectors are shorthands: <c>Exp(x)</c> is <c>Exp&lt;Lanes512, Vector512&lt;float&gt;&gt;(x)</c>.</remarks>
internal static partial class SimdMath
{
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has 9 significant bits (355 / 512), so k times it is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    // Adding and subtracting 1.5 * 2^23 rounds a small float to a whole number.
    private const float RoundingShift = 12582912f;

    /// <summary>e^x: 0 below -104, infinity above 88.73.</summary>
    /// <remarks>
    /// <c>x = k ln 2 + r</c> with |r| at most ln 2 / 2, and <c>e^x = 2^k (1 + r + r^2 q(r))</c> with the cubic q that is minimax for the
    /// relative error (1.1e-7).
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TLanes, TVector>(TVector x) where TLanes : struct, ILanes<TVector> where TVector : unmanaged
    {
        x = TLanes.Max(TLanes.Create(-105f), TLanes.Min(TLanes.Create(90f), x));
        TVector shift = TLanes.Create(RoundingShift);
        TVector k = TLanes.Subtract(TLanes.MultiplyAdd(x, TLanes.Create(Log2E), shift), shift);
        TVector r = TLanes.MultiplyAdd(k, TLanes.Create(-Ln2High), x);
        r = TLanes.MultiplyAdd(k, TLanes.Create(-Ln2Low), r);
        TVector q = TLanes.MultiplyAdd(r, TLanes.Create(0.008312524453289743f), TLanes.Create(0.04189016311896217f));
        q = TLanes.MultiplyAdd(q, r, TLanes.Create(0.16667114622532994f));
        q = TLanes.MultiplyAdd(q, r, TLanes.Create(0.49999231435316693f));
        TVector p = TLanes.MultiplyAdd(TLanes.Multiply(r, r), q, r);
        return TLanes.ScaleByPowerOfTwo(TLanes.Add(p, TLanes.Create(1f)), k);
    }

    /// <summary>Natural logarithm: -infinity at 0, NaN below, infinity at infinity. Denormals are as accurate as normal numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Log<TLanes, TVector>(TVector x) where TLanes : struct, ILanes<TVector> where TVector : unmanaged
    {
        TVector one = TLanes.Create(1f);
        TVector tiny = TLanes.Create(1.17549435e-38f);
        TVector scaled = TLanes.SelectLess(x, tiny, TLanes.Multiply(x, TLanes.Create(33554432f)), x);
        TVector m = TLanes.SplitMantissa(scaled, out TVector exponent);
        exponent = TLanes.SelectLess(x, tiny, TLanes.Subtract(exponent, TLanes.Create(25f)), exponent);

        // ln m = 2 atanh((m - 1) / (m + 1)).
        TVector s = TLanes.Divide(TLanes.Subtract(m, one), TLanes.Add(m, one));
        TVector result = TLanes.MultiplyAdd(exponent, TLanes.Create(Ln2Low), TwiceAtanh<TLanes, TVector>(s));
        result = TLanes.MultiplyAdd(exponent, TLanes.Create(Ln2High), result);

        TVector zero = TLanes.Create(0f);
        TVector infinity = TLanes.Create(float.PositiveInfinity);
        result = TLanes.SelectLess(zero, x, result, TLanes.SelectLess(x, zero, TLanes.Create(float.NaN), TLanes.Create(float.NegativeInfinity)));
        result = TLanes.SelectLess(x, infinity, result, infinity);
        return TLanes.Add(result, TLanes.Multiply(zero, TLanes.SelectLess(x, infinity, zero, TLanes.SelectLess(zero, x, zero, x))));
    }

    /// <summary>ln(1 + x) for x from 0 to 1, accurate also near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Log1pUnit<TLanes, TVector>(TVector x) where TLanes : struct, ILanes<TVector> where TVector : unmanaged =>
        TwiceAtanh<TLanes, TVector>(TLanes.Divide(x, TLanes.Add(x, TLanes.Create(2f))));

    /// <summary>ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|). Never overflows; is x itself above 17 and e^x below -17.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Softplus<TLanes, TVector>(TVector x) where TLanes : struct, ILanes<TVector> where TVector : unmanaged
    {
        TVector y = Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Create(0f), TLanes.Abs(x)));
        return TLanes.Add(TLanes.Max(TLanes.Create(0f), x), Log1pUnit<TLanes, TVector>(y));
    }

    /// <summary>
    /// 1 / (1 + e^-x); also the derivative of <see cref="Softplus{TLanes, TVector}"/>. 0 below -90, where it would be smaller than a normal
    /// number.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TLanes, TVector>(TVector x) where TLanes : struct, ILanes<TVector> where TVector : unmanaged
    {
        TVector one = TLanes.Create(1f);
        return TLanes.Divide(one, TLanes.Add(one, Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Create(0f), x))));
    }

    /// <summary>x / (1 + e^-x). NaN at -infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Silu<TLanes, TVector>(TVector x) where TLanes : struct, ILanes<TVector> where TVector : unmanaged =>
        TLanes.Multiply(x, Sigmoid<TLanes, TVector>(x));

    /// <summary>The derivative of SiLU, <c>s (1 + x (1 - s))</c> with s = sigmoid(x); returns SiLU itself too. Absolute error at most 4e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector SiluDerivative<TLanes, TVector>(TVector x, out TVector silu) where TLanes : struct, ILanes<TVector> where TVector : unmanaged
    {
        TVector one = TLanes.Create(1f);
        TVector e = Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Create(0f), x));
        TVector s = TLanes.Divide(one, TLanes.Add(one, e));
        silu = TLanes.Multiply(x, s);

        // 1 - s as e s: a difference would lose digits where s is near 1, and x multiplies them. Where e overflows, s is 0.
        TVector rest = TLanes.Multiply(TLanes.Min(TLanes.Create(float.MaxValue), e), s);
        return TLanes.MultiplyAdd(silu, rest, s);
    }

    /// <summary>2 atanh(s) for |s| at most 1/3: <c>2 s (1 + s^2 q(s^2))</c> with a minimax cubic q (relative error 4.5e-9).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector TwiceAtanh<TLanes, TVector>(TVector s) where TLanes : struct, ILanes<TVector> where TVector : unmanaged
    {
        TVector u = TLanes.Multiply(s, s);
        TVector q = TLanes.MultiplyAdd(u, TLanes.Create(0.14006762502203352f), TLanes.Create(0.14000749967777762f));
        q = TLanes.MultiplyAdd(q, u, TLanes.Create(0.20010772650442793f));
        q = TLanes.MultiplyAdd(q, u, TLanes.Create(0.3333320799415645f));
        TVector twice = TLanes.Add(s, s);
        return TLanes.MultiplyAdd(TLanes.Multiply(twice, u), q, twice);
    }
}

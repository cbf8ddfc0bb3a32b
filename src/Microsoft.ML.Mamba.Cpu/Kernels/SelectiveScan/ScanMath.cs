using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>The functions of the scan's inner loops, for any lane width. Type tests fold away when the JIT compiles for a width.</summary>
internal static unsafe class ScanMath
{
    public const float Log2E = 1.4426950408889634f;
    public const float Ln2 = 0.6931471805599453f;

    // 1.5 * 2^23: adding it rounds a moderate float to an integer, which then stands in the sum's low bits.
    private const float Rounder = 12582912f;

    /// <summary>
    /// 2^(x y) to 1.5e-7 relative. Values below 2^-126 come out as that or as zero, those above 2^127 as that or as infinity.
    /// It is cheaper than exp because A is scaled by log2(e) beforehand, and because the product is rounded and reduced at once.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp2<TLanes, TVector>(TVector x, TVector y)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        if (typeof(TVector) == typeof(Vector512<float>) && Avx512F.IsSupported)
            return (TVector)(object)Exp2((Vector512<float>)(object)x, (Vector512<float>)(object)y);

        TVector rounder = TLanes.Create(Rounder);
        TVector exponent = TLanes.Min(TLanes.Create(127), TLanes.Max(TLanes.Create(-126), TLanes.Multiply(x, y)));
        TVector sum = TLanes.Add(exponent, rounder);
        TVector power = Polynomial<TLanes, TVector>(TLanes.Subtract(exponent, TLanes.Subtract(sum, rounder)));

        // The rounded exponent is added to that of the polynomial, which is near 1.
        if (typeof(TVector) == typeof(Vector256<float>))
            return (TVector)(object)AddExponent((Vector256<float>)(object)power, (Vector256<float>)(object)sum);
        if (typeof(TVector) == typeof(Vector128<float>))
            return (TVector)(object)AddExponent((Vector128<float>)(object)power, (Vector128<float>)(object)sum);
        if (typeof(TVector) == typeof(float))
            return (TVector)(object)AddExponent((float)(object)power, (float)(object)sum);
        return TLanes.ScaleByPowerOfTwo(power, TLanes.Subtract(sum, rounder));
    }

    /// <summary>As <see cref="Exp2{TLanes, TVector}"/>, for one value.</summary>
    public static float Exp2(float x, float y) => Exp2<Lanes1, float>(x, y);

    /// <summary>softplus(x) = ln(1 + e^x) and its slope, the sigmoid, from the same exponential.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Softplus<TLanes, TVector>(TVector x, out TVector slope)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector one = TLanes.Create(1), zero = TLanes.Create(0);
        TVector e = Exp2<TLanes, TVector>(TLanes.Abs(x), TLanes.Create(-Log2E));
        TVector half = TLanes.Divide(one, TLanes.Add(one, e));
        slope = TLanes.SelectLess(x, zero, TLanes.Multiply(e, half), half);
        return TLanes.Add(TLanes.Max(zero, x), Log1p<TLanes, TVector>(e));
    }

    /// <summary>The sums of four vectors' lanes, stored one after another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums<TLanes, TVector>(float* to, TVector x0, TVector x1, TVector x2, TVector x3)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        if (typeof(TVector) == typeof(Vector512<float>))
        {
            SumEach(
                Halve((Vector512<float>)(object)x0),
                Halve((Vector512<float>)(object)x1),
                Halve((Vector512<float>)(object)x2),
                Halve((Vector512<float>)(object)x3)).Store(to);
        }
        else if (typeof(TVector) == typeof(Vector256<float>))
        {
            SumEach((Vector256<float>)(object)x0, (Vector256<float>)(object)x1, (Vector256<float>)(object)x2, (Vector256<float>)(object)x3).Store(to);
        }
        else if (typeof(TVector) == typeof(Vector128<float>))
        {
            SumEach((Vector128<float>)(object)x0, (Vector128<float>)(object)x1, (Vector128<float>)(object)x2, (Vector128<float>)(object)x3).Store(to);
        }
        else
        {
            to[0] = TLanes.Sum(x0);
            to[1] = TLanes.Sum(x1);
            to[2] = TLanes.Sum(x2);
            to[3] = TLanes.Sum(x3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp2(Vector512<float> x, Vector512<float> y)
    {
        Vector512<float> rounder = Vector512.Create(Rounder);
        Vector512<float> rounded = Avx512F.FusedMultiplyAdd(x, y, rounder) - rounder;
        return Avx512F.Scale(Polynomial<Lanes512, Vector512<float>>(Avx512F.FusedMultiplySubtract(x, y, rounded)), rounded);
    }

    /// <summary>
    /// 2^f on [-1/2, 1/2]: least largest relative error, 1.1e-7, among polynomials that are exactly 1 at 0. That matters more than the
    /// error in between: slow states decay by factors next to 1, thousands of times in a row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Polynomial<TLanes, TVector>(TVector f)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector p = TLanes.MultiplyAdd(TLanes.Create(0.001326472731307149f), f, TLanes.Create(0.009671512991189957f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Create(0.05550733581185341f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Create(0.24022242426872253f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Create(0.6931470036506653f));
        return TLanes.MultiplyAdd(p, f, TLanes.Create(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddExponent(Vector256<float> power, Vector256<float> sum)
    {
        return (power.AsInt32() + Vector256.ShiftLeft(sum.AsInt32(), 23)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> AddExponent(Vector128<float> power, Vector128<float> sum)
    {
        return (power.AsInt32() + Vector128.ShiftLeft(sum.AsInt32(), 23)).AsSingle();
    }

    private static float AddExponent(float power, float sum)
    {
        return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(power) + (BitConverter.SingleToInt32Bits(sum) << 23));
    }

    /// <summary>
    /// ln(1 + u) on [0, 1] to 1e-7 relative, also for tiny u, where the ln of a rounded sum would lose all digits: u times the
    /// least-largest-error polynomial of degree 8.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Log1p<TLanes, TVector>(TVector u)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector p = TLanes.MultiplyAdd(TLanes.Create(0.005232693627476692f), u, TLanes.Create(-0.029505236074328423f));
        p = TLanes.MultiplyAdd(p, u, TLanes.Create(0.07822594791650772f));
        p = TLanes.MultiplyAdd(p, u, TLanes.Create(-0.13663245737552643f));
        p = TLanes.MultiplyAdd(p, u, TLanes.Create(0.19106006622314453f));
        p = TLanes.MultiplyAdd(p, u, TLanes.Create(-0.2484298199415207f));
        p = TLanes.MultiplyAdd(p, u, TLanes.Create(0.3331909775733948f));
        p = TLanes.MultiplyAdd(p, u, TLanes.Create(-0.4999949336051941f));
        p = TLanes.MultiplyAdd(p, u, TLanes.Create(0.9999999403953552f));
        return TLanes.Multiply(p, u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halve(Vector512<float> x) => x.GetLower() + x.GetUpper();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> SumEach(Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        if (Avx.IsSupported)
        {
            // Each step adds neighbours: four vectors of eight become two, then one that holds each sum in two halves.
            Vector256<float> sums = Avx.HorizontalAdd(Avx.HorizontalAdd(x0, x1), Avx.HorizontalAdd(x2, x3));
            return sums.GetLower() + sums.GetUpper();
        }

        return SumEach(x0.GetLower() + x0.GetUpper(), x1.GetLower() + x1.GetUpper(), x2.GetLower() + x2.GetUpper(), x3.GetLower() + x3.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> SumEach(Vector128<float> x0, Vector128<float> x1, Vector128<float> x2, Vector128<float> x3)
    {
        return AddNeighbours(AddNeighbours(x0, x1), AddNeighbours(x2, x3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> AddNeighbours(Vector128<float> x, Vector128<float> y)
    {
        if (Sse3.IsSupported)
            return Sse3.HorizontalAdd(x, y);
        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.AddPairwise(x, y);
        return Vector128.Create(x[0] + x[1], x[2] + x[3], y[0] + y[1], y[2] + y[3]);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>512 bits: a lane is one of 16 neighbouring floats.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => 16;

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector512<float> value) => Vector512.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sqrt(Vector512<float> a) => Vector512.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Abs(Vector512<float> a) => Vector512.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> bound, Vector512<float> value) => Vector512.MinNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> bound, Vector512<float> value) => Vector512.MaxNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SelectLess(Vector512<float> a, Vector512<float> b, Vector512<float> whenLess, Vector512<float> otherwise) =>
        Vector512.ConditionalSelect(Vector512.LessThan(a, b), whenLess, otherwise);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ScaleByPowerOfTwo(Vector512<float> x, Vector512<float> k)
    {
        if (Avx512F.IsSupported)
            return Avx512F.Scale(x, k);

        // Two factors: 2^k alone may leave the range of floats although the product does not.
        Vector512<int> power = Vector512.ConvertToInt32Native(k);
        Vector512<int> half = Vector512.ShiftRightArithmetic(power, 1);
        Vector512<int> bias = Vector512.Create(FloatBits.ExponentBias);
        Vector512<float> first = Vector512.ShiftLeft(half + bias, 23).AsSingle();
        Vector512<float> second = Vector512.ShiftLeft(power - half + bias, 23).AsSingle();
        return x * first * second;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SplitMantissa(Vector512<float> x, out Vector512<float> exponent)
    {
        Vector512<int> bits = x.AsInt32();
        Vector512<int> power = Vector512.ShiftRightArithmetic(bits - Vector512.Create(FloatBits.SqrtHalf), 23);
        exponent = Vector512.ConvertToSingle(power);
        return (bits - Vector512.ShiftLeft(power, 23)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> a) => Vector512.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Vector512<float> a)
    {
        return Lanes256.MaxAcross(Vector256.MaxNative(a.GetLower(), a.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> KeepWhereHashed(Vector512<float> value, uint index, uint key0, uint key1, uint threshold)
    {
        Vector512<uint> h = (Vector512.Create(index) + Vector512<uint>.Indices) ^ Vector512.Create(key0);
        h = (h ^ Vector512.ShiftRightLogical(h, 16)) * Vector512.Create(CounterHash.Factor1);
        h = (h ^ Vector512.ShiftRightLogical(h, 13)) * Vector512.Create(CounterHash.Factor2);
        h = (h ^ Vector512.ShiftRightLogical(h, 16)) + Vector512.Create(key1);
        h = (h ^ Vector512.ShiftRightLogical(h, 16)) * Vector512.Create(CounterHash.Factor1);
        h = (h ^ Vector512.ShiftRightLogical(h, 13)) * Vector512.Create(CounterHash.Factor2);
        h ^= Vector512.ShiftRightLogical(h, 16);
        return Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(h, Vector512.Create(threshold)).AsSingle(), value, Vector512<float>.Zero);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>256 bits: a lane is one of 8 neighbouring floats.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => 8;

    public static bool IsSupported => Vector256.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector256<float> value) => Vector256.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sqrt(Vector256<float> a) => Vector256.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Abs(Vector256<float> a) => Vector256.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> bound, Vector256<float> value) => Vector256.MinNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> bound, Vector256<float> value) => Vector256.MaxNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SelectLess(Vector256<float> a, Vector256<float> b, Vector256<float> whenLess, Vector256<float> otherwise) =>
        Vector256.ConditionalSelect(Vector256.LessThan(a, b), whenLess, otherwise);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ScaleByPowerOfTwo(Vector256<float> x, Vector256<float> k)
    {
        // Two factors: 2^k alone may leave the range of floats although the product does not.
        Vector256<int> power = Vector256.ConvertToInt32Native(k);
        Vector256<int> half = Vector256.ShiftRightArithmetic(power, 1);
        Vector256<int> bias = Vector256.Create(FloatBits.ExponentBias);
        Vector256<float> first = Vector256.ShiftLeft(half + bias, 23).AsSingle();
        Vector256<float> second = Vector256.ShiftLeft(power - half + bias, 23).AsSingle();
        return x * first * second;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SplitMantissa(Vector256<float> x, out Vector256<float> exponent)
    {
        Vector256<int> bits = x.AsInt32();
        Vector256<int> power = Vector256.ShiftRightArithmetic(bits - Vector256.Create(FloatBits.SqrtHalf), 23);
        exponent = Vector256.ConvertToSingle(power);
        return (bits - Vector256.ShiftLeft(power, 23)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> a) => Vector256.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Vector256<float> a)
    {
        return Lanes128.MaxAcross(Vector128.MaxNative(a.GetLower(), a.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> KeepWhereHashed(Vector256<float> value, uint index, uint key0, uint key1, uint threshold)
    {
        Vector256<uint> h = (Vector256.Create(index) + Vector256<uint>.Indices) ^ Vector256.Create(key0);
        h = (h ^ Vector256.ShiftRightLogical(h, 16)) * Vector256.Create(CounterHash.Factor1);
        h = (h ^ Vector256.ShiftRightLogical(h, 13)) * Vector256.Create(CounterHash.Factor2);
        h = (h ^ Vector256.ShiftRightLogical(h, 16)) + Vector256.Create(key1);
        h = (h ^ Vector256.ShiftRightLogical(h, 16)) * Vector256.Create(CounterHash.Factor1);
        h = (h ^ Vector256.ShiftRightLogical(h, 13)) * Vector256.Create(CounterHash.Factor2);
        h ^= Vector256.ShiftRightLogical(h, 16);
        return Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(h, Vector256.Create(threshold)).AsSingle(), value, Vector256<float>.Zero);
    }
}

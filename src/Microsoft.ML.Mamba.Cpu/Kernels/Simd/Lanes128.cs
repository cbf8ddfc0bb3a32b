using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>128 bits: a lane is one of 4 neighbouring floats.</summary>
internal readonly unsafe struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Count => 4;

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector128<float> value) => Vector128.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Create(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sqrt(Vector128<float> a) => Vector128.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Abs(Vector128<float> a) => Vector128.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> bound, Vector128<float> value) => Vector128.MinNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> bound, Vector128<float> value) => Vector128.MaxNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SelectLess(Vector128<float> a, Vector128<float> b, Vector128<float> whenLess, Vector128<float> otherwise) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a, b), whenLess, otherwise);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ScaleByPowerOfTwo(Vector128<float> x, Vector128<float> k)
    {
        // Two factors: 2^k alone may leave the range of floats although the product does not.
        Vector128<int> power = Vector128.ConvertToInt32Native(k);
        Vector128<int> half = Vector128.ShiftRightArithmetic(power, 1);
        Vector128<int> bias = Vector128.Create(FloatBits.ExponentBias);
        Vector128<float> first = Vector128.ShiftLeft(half + bias, 23).AsSingle();
        Vector128<float> second = Vector128.ShiftLeft(power - half + bias, 23).AsSingle();
        return x * first * second;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SplitMantissa(Vector128<float> x, out Vector128<float> exponent)
    {
        Vector128<int> bits = x.AsInt32();
        Vector128<int> power = Vector128.ShiftRightArithmetic(bits - Vector128.Create(FloatBits.SqrtHalf), 23);
        exponent = Vector128.ConvertToSingle(power);
        return (bits - Vector128.ShiftLeft(power, 23)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> a) => Vector128.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Vector128<float> a)
    {
        Vector128<float> b = Vector128.MaxNative(a, Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(b[0], b[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> KeepWhereHashed(Vector128<float> value, uint index, uint key0, uint key1, uint threshold)
    {
        Vector128<uint> h = (Vector128.Create(index) + Vector128<uint>.Indices) ^ Vector128.Create(key0);
        h = (h ^ Vector128.ShiftRightLogical(h, 16)) * Vector128.Create(CounterHash.Factor1);
        h = (h ^ Vector128.ShiftRightLogical(h, 13)) * Vector128.Create(CounterHash.Factor2);
        h = (h ^ Vector128.ShiftRightLogical(h, 16)) + Vector128.Create(key1);
        h = (h ^ Vector128.ShiftRightLogical(h, 16)) * Vector128.Create(CounterHash.Factor1);
        h = (h ^ Vector128.ShiftRightLogical(h, 13)) * Vector128.Create(CounterHash.Factor2);
        h ^= Vector128.ShiftRightLogical(h, 16);
        return Vector128.ConditionalSelect(Vector128.GreaterThanOrEqual(h, Vector128.Create(threshold)).AsSingle(), value, Vector128<float>.Zero);
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Mamba;

/// <summary>
/// A small pseudo-random generator, xoshiro256** (Blackman and Vigna), whose sequence is the same on every platform and in every release.
/// Independent streams are made from a seed and a key. Not thread-safe; not for cryptography.
/// </summary>
public sealed class MambaRandom
{
    private const ulong FnvOffset = 14695981039346656037UL;
    private const ulong FnvPrime = 1099511628211UL;

    private ulong _s0, _s1, _s2, _s3;
    private double _spareNormal = double.NaN;

    /// <summary>The stream of a seed and a key: streams of different keys are independent of one another.</summary>
    /// <param name="seed">Any value.</param>
    /// <param name="key">What the stream is for, such as a parameter's name.</param>
    /// <param name="index">Distinguishes streams of one key, such as epochs.</param>
    public MambaRandom(long seed, string key = "", long index = 0)
    {
        ArgumentNullException.ThrowIfNull(key);
        ulong hash = FnvOffset;
        foreach (byte value in Encoding.UTF8.GetBytes(key))
            hash = (hash ^ value) * FnvPrime;
        ulong state = (ulong)seed;
        state = SplitMix(ref state) ^ hash;
        state = SplitMix(ref state) ^ (ulong)index;
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="min"/>, <paramref name="max"/>).</summary>
    /// <param name="min">The lower end.</param>
    /// <param name="max">The upper end.</param>
    public double NextUniform(double min, double max) => min + (max - min) * NextDouble();

    /// <summary>Uniform among 0 to <paramref name="count"/> - 1, without bias.</summary>
    /// <param name="count">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public int NextInt32(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        // Lemire's multiplication; the low part tells the few values that would be favoured.
        ulong high = Math.BigMul(NextUInt64(), (ulong)count, out ulong low);
        if (low < (ulong)count)
        {
            ulong threshold = (0UL - (ulong)count) % (ulong)count;
            while (low < threshold)
                high = Math.BigMul(NextUInt64(), (ulong)count, out low);
        }

        return (int)high;
    }

    /// <summary>Normal with mean 0 and standard deviation 1 (polar method).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            double spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        double x, y, square;
        do
        {
            x = NextUniform(-1, 1);
            y = NextUniform(-1, 1);
            square = x * x + y * y;
        }
        while (square >= 1 || square == 0);
        double factor = Math.Sqrt(-2 * Math.Log(square) / square);
        _spareNormal = y * factor;
        return x * factor;
    }

    /// <summary>Puts values into random order (Fisher and Yates): every order is equally likely.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="values">Shuffled in place.</param>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextInt32(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>Puts a list's values into random order, as <see cref="Shuffle{T}(Span{T})"/> does.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="values">Shuffled in place; must not change meanwhile.</param>
    public void Shuffle<T>(List<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Shuffle(CollectionsMarshal.AsSpan(values));
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

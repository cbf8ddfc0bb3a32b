using System.Numerics;

namespace Microsoft.ML.Mamba;

/// <summary>The checks that all options share, so that every message names the option, its range and the value in the same words. NaN passes none.</summary>
internal static class RangeCheck
{
    public static void Between(int value, int min, int max, string name)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {min} to {max}; got {value}.");
    }

    public static void Defined<T>(T value, string name) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {string.Join(", ", Enum.GetNames<T>())}; got {value}.");
    }

    public static void Between(float value, float min, float max, string name)
    {
        if (!(value >= min && value <= max))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {min} to {max}; got {value}.");
    }

    public static void AtLeast(float value, float min, string name)
    {
        if (!(value >= min) || float.IsInfinity(value))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite and at least {min}; got {value}.");
    }

    /// <summary>Infinity passes: it turns a limit off.</summary>
    public static void Positive(float value, string name)
    {
        if (!(value > 0))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be positive; got {value}.");
    }

    public static void PositiveAndFinite(float value, string name)
    {
        if (!(value > 0) || float.IsInfinity(value))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be positive and finite; got {value}.");
    }

    /// <summary>At least 0 and below 1.</summary>
    public static void Fraction<T>(T value, string name) where T : IFloatingPoint<T>
    {
        if (!(value >= T.Zero && value < T.One))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and below 1; got {value}.");
    }
}

using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Checks at a kernel's door; the messages carry the numbers.</summary>
internal static class KernelCheck
{
    /// <summary>A dimension of at least <paramref name="least"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is smaller.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Size(int value, string name, int least = 0)
    {
        if (value < least)
            ThrowSize(value, name, least);
    }

    /// <summary>
    /// A matrix of rows that lie <paramref name="stride"/> elements apart, as a part of what may be wider rows; the last row need not be
    /// complete beyond its columns.
    /// </summary>
    /// <exception cref="ArgumentException">The buffer is too short or the stride smaller than a row.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Matrix(int length, string name, int rows, string rowsName, int columns, string columnsName, int stride)
    {
        if (stride < columns || length < StridedLength(rows, columns, stride))
            ThrowMatrix(length, name, rows, rowsName, columns, columnsName, stride);
    }

    /// <summary>Elements from the first of a row to the last of the last row; 0 without rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long StridedLength(int rows, int columns, int stride) => rows == 0 ? 0 : ((long)(rows - 1) * stride) + columns;

    /// <summary>A vector of exactly <paramref name="expected"/> elements.</summary>
    /// <exception cref="ArgumentException">It has another length.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Vector(int length, string name, int expected, string sizeName)
    {
        if (length != expected)
            ThrowVector(length, name, expected, sizeName);
    }

    /// <summary>A workspace of at least the size that the kernel's size query gives.</summary>
    /// <exception cref="ArgumentException">It is shorter.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Workspace(int length, long needed)
    {
        if (length < needed)
            ThrowWorkspace(length, needed);
    }

    /// <summary>Offsets of packed sequences, none of them empty: from 0, rising, to <paramref name="tokens"/>.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static void Offsets(ReadOnlySpan<int> offsets, int tokens)
    {
        if (offsets.Length == 0 || offsets[0] != 0 || offsets[^1] != tokens)
        {
            throw new ArgumentException(
                $"offsets must start with 0 and end with tokens={tokens}; "
                + $"got {(offsets.Length == 0 ? "none" : $"{offsets[0]} and {offsets[^1]}")}.", nameof(offsets));
        }

        if (FindShort(offsets, 1) is var i and > 0)
            throw new ArgumentException($"offsets must rise; sequence {i - 1} runs from {offsets[i - 1]} to {offsets[i]}.", nameof(offsets));
    }

    /// <summary>The first offset that lies less than <paramref name="least"/> behind the one before it; 0 where there is none.</summary>
    public static int FindShort(ReadOnlySpan<int> offsets, int least)
    {
        for (int i = 1; i < offsets.Length; i++)
        {
            if ((long)offsets[i] - offsets[i - 1] < least)
                return i;
        }

        return 0;
    }

    /// <summary>A probability from 0 up to but excluding 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static void Fraction(float value, string name)
    {
        if (!(value >= 0f && value < 1f))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and below 1; got {value}.");
    }

    private static void ThrowSize(int value, string name, int least) =>
        throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}; got {value}.");

    private static void ThrowMatrix(int length, string name, int rows, string rowsName, int columns, string columnsName, int stride)
    {
        if (stride < columns)
            throw new ArgumentException($"{name}'s row stride must be at least {columnsName}={columns}; got {stride}.", name);
        long needed = StridedLength(rows, columns, stride);
        throw new ArgumentException(
            $"{name} must be [{rowsName}={rows}, {columnsName}={columns}] with row stride {stride} ({needed} elements); got {length}.", name);
    }

    private static void ThrowVector(int length, string name, int expected, string sizeName) =>
        throw new ArgumentException($"{name} must be [{sizeName}={expected}]; got {length} elements.", name);

    private static void ThrowWorkspace(int length, long needed) =>
        throw new ArgumentException($"workspace must have at least {needed} elements; got {length}.", "workspace");
}

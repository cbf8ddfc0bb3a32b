namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>The door of the kernels over packed rows: shapes are checked once, and messages carry the numbers.</summary>
internal static class PackedChecks
{
    /// <summary>The number of tokens, after checking that the offsets start with 0 and never fall.</summary>
    public static int Tokens(ReadOnlySpan<int> offsets)
    {
        if (offsets.Length == 0 || offsets[0] != 0)
        {
            string got = offsets.Length == 0 ? "none" : $"first offset {offsets[0]}";
            throw new ArgumentException($"Offsets must be [sequences + 1] and start with 0; got {got}.", "Offsets");
        }

        if (KernelCheck.FindShort(offsets, 0) is var i and > 0)
            throw new ArgumentException($"Offsets must not fall; offset {i} is {offsets[i]} after {offsets[i - 1]}.", "Offsets");
        return offsets[^1];
    }

    /// <summary>A count between two bounds.</summary>
    public static void Range(string name, int value, int low, int high)
    {
        if (value < low || value > high)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {low} to {high}; got {value}.");
    }

    /// <summary>The stride that rows of <paramref name="width"/> have (0 means dense), after checking that <paramref name="tokens"/> such rows fit.</summary>
    public static int Rows(string name, int length, int tokens, int stride, int width, in ShapeText shape)
    {
        if (stride == 0)
            stride = width;
        if (stride < width)
            throw new ArgumentOutOfRangeException($"{name}Stride", stride, $"{name}Stride must be at least the row's width {width}; got {stride}.");
        long needed = KernelCheck.StridedLength(tokens, width, stride);
        if (length < needed)
            throw new ArgumentException($"{name} must be [tokens={tokens}, {shape.ToString()}] with stride {stride} ({needed} elements); got {length}.", name);
        return stride;
    }

    /// <summary>As <see cref="Rows"/>, for rows that may be absent (empty).</summary>
    public static int OptionalRows(string name, int length, int tokens, int stride, int width, in ShapeText shape)
    {
        return length == 0 ? 0 : Rows(name, length, tokens, stride, width, shape);
    }

    /// <summary>A tensor of exactly <paramref name="needed"/> elements.</summary>
    public static void Exact(string name, int length, long needed, in ShapeText shape)
    {
        if (length != needed)
            throw new ArgumentException($"{name} must be [{shape.ToString()}] ({needed} elements); got {length}.", name);
    }

    /// <summary>As <see cref="Exact"/>, for a tensor that may be absent (empty).</summary>
    public static void OptionalExact(string name, int length, long needed, in ShapeText shape)
    {
        if (length != 0)
            Exact(name, length, needed, shape);
    }
}

namespace Microsoft.ML.Mamba.Cpu.Tests;

/// <summary>
/// A matrix of rows that lie <c>stride</c> floats apart, in the middle of a larger array. All that is not an element (gaps between rows, 40 floats
/// before and after) holds a NaN of its own bits: a kernel that reads it gives NaN, one that writes it is found out by <see cref="AssertNothingElseWritten"/>.
/// </summary>
internal sealed class TestMatrix
{
    private const int Margin = 40;
    private const int GuardBits = unchecked((int)0xFFC0_5A5A);
    private readonly float[] _all;

    private TestMatrix(int rows, int columns, int stride)
    {
        (Rows, Columns, Stride) = (rows, columns, stride);
        Length = rows == 0 ? 0 : (rows - 1) * stride + columns;
        _all = new float[Length + 2 * Margin];
        _all.AsSpan().Fill(BitConverter.Int32BitsToSingle(GuardBits));
    }

    public int Rows { get; }

    public int Columns { get; }

    public int Stride { get; }

    public int Length { get; }

    public Span<float> Span => _all.AsSpan(Margin, Length);

    public ref float this[int row, int column] => ref _all[Margin + row * Stride + column];

    public ref float this[int index] => ref this[index / Columns, index % Columns];

    public int Count => Rows * Columns;

    /// <summary>Elements are NaN: a kernel must write every one.</summary>
    public static TestMatrix Unwritten(int rows, int columns, int stride = 0) => new(rows, columns, Math.Max(columns, stride));

    public static TestMatrix Random(int seed, int rows, int columns, int stride = 0, double low = -1, double high = 1)
    {
        var random = new Random(seed);
        TestMatrix matrix = Unwritten(rows, columns, stride);
        for (int i = 0; i < matrix.Count; i++)
            matrix[i] = (float)(low + (high - low) * random.NextDouble());
        return matrix;
    }

    public TestMatrix Clone()
    {
        var copy = new TestMatrix(Rows, Columns, Stride);
        _all.CopyTo(copy._all, 0);
        return copy;
    }

    public float[] ToArray()
    {
        var values = new float[Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = this[i];
        return values;
    }

    public double[] ToDoubles() => Array.ConvertAll(ToArray(), value => (double)value);

    public void AssertClose(ReadOnlySpan<double> expected, double tolerance)
    {
        Assert.Equal(expected.Length, Count);
        for (int i = 0; i < expected.Length; i++)
            Compare.Close(expected[i], this[i], tolerance, $"[{i / Columns}, {i % Columns}]");
        AssertNothingElseWritten();
    }

    public void AssertNothingElseWritten()
    {
        for (int i = 0; i < _all.Length; i++)
        {
            int at = i - Margin;
            bool element = at >= 0 && at < Length && at % Stride < Columns;
            if (!element && BitConverter.SingleToInt32Bits(_all[i]) != GuardBits)
                Assert.Fail($"Float {at} of a buffer of {Length} with rows of {Columns} and stride {Stride} was written.");
        }
    }
}

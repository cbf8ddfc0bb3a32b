using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Rows of a table by token id: <c>y[t] = table[tokens[t]]</c>, with tokens [T], table [vocabulary, channels] and y [T, channels].
/// Overwritten (=): y. Accumulated (+=) in float32, in the order of the tokens: the table's gradient.
/// </summary>
internal static unsafe class Embedding
{
    private const int LineFloats = 16;

    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="tokens">[T], each 0 to vocabulary - 1.</param>
    /// <param name="table">[vocabulary, channels], contiguous.</param>
    /// <param name="y">[T, channels], overwritten.</param>
    /// <param name="strideY">Row stride of <paramref name="y"/>.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Forward(int channels, ReadOnlySpan<int> tokens, ReadOnlySpan<float> table, Span<float> y, int strideY, CpuParallel parallel)
    {
        CheckTable(channels, tokens, table.Length, nameof(table));
        KernelCheck.Matrix(y.Length, nameof(y), tokens.Length, nameof(tokens), channels, nameof(channels), strideY);
        fixed (int* pTokens = tokens)
        fixed (float* pTable = table, py = y)
        {
            int size = RowBlocks.RowsPerPiece(tokens.Length, channels);
            var job = new ForwardJob(tokens.Length, channels, pTokens, pTable, py, strideY, size);
            parallel.For(RowBlocks.CountOf(tokens.Length, size), ref job);
        }
    }

    /// <summary><c>gradTable[tokens[t]] += gradY[t]</c> for all t.</summary>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="tokens">[T], each 0 to vocabulary - 1.</param>
    /// <param name="gradY">[T, channels].</param>
    /// <param name="strideGradY">Row stride of <paramref name="gradY"/>.</param>
    /// <param name="gradTable">[vocabulary, channels], contiguous, accumulated (+=).</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Backward(int channels, ReadOnlySpan<int> tokens, ReadOnlySpan<float> gradY, int strideGradY, Span<float> gradTable, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Backward<Lanes512, Vector512<float>>(channels, tokens, gradY, strideGradY, gradTable, parallel); break;
            case 256: Backward<Lanes256, Vector256<float>>(channels, tokens, gradY, strideGradY, gradTable, parallel); break;
            case 128: Backward<Lanes128, Vector128<float>>(channels, tokens, gradY, strideGradY, gradTable, parallel); break;
            default: Backward<Lanes1, float>(channels, tokens, gradY, strideGradY, gradTable, parallel); break;
        }
    }

    internal static void Backward<TLanes, TVector>(
        int channels, ReadOnlySpan<int> tokens, ReadOnlySpan<float> gradY, int strideGradY, Span<float> gradTable, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        CheckTable(channels, tokens, gradTable.Length, nameof(gradTable));
        KernelCheck.Matrix(gradY.Length, nameof(gradY), tokens.Length, nameof(tokens), channels, nameof(channels), strideGradY);
        fixed (int* pTokens = tokens)
        fixed (float* pGradY = gradY, pGradTable = gradTable)
        {
            // Cut by columns: each piece walks all tokens in order, so no two pieces write the same element.
            int size = Math.Max(LineFloats, RowBlocks.CountOf(channels, 8 * LineFloats) * LineFloats);
            var job = new BackwardJob<TLanes, TVector>(tokens.Length, channels, pTokens, pGradY, strideGradY, pGradTable, size);
            parallel.For(RowBlocks.CountOf(channels, size), ref job);
        }
    }

    private static void CheckTable(int channels, ReadOnlySpan<int> tokens, int tableLength, string tableName)
    {
        KernelCheck.Size(channels, nameof(channels), 1);
        if (tableLength % channels != 0)
            throw new ArgumentException($"{tableName} must be [vocabulary, channels={channels}]; got {tableLength} elements.", tableName);
        int vocabulary = tableLength / channels;
        for (int t = 0; t < tokens.Length; t++)
        {
            if ((uint)tokens[t] >= (uint)vocabulary)
                throw new ArgumentOutOfRangeException(nameof(tokens), tokens[t], $"Token {t} must be 0 to {vocabulary - 1}; got {tokens[t]}.");
        }
    }

    private readonly struct ForwardJob(int count, int channels, int* tokens, float* table, float* y, int strideY, int size) : IParallelJob
    {
        public void Run(int index)
        {
            int end = Math.Min((index + 1) * size, count);
            for (int t = index * size; t < end; t++)
                new ReadOnlySpan<float>(table + (nint)tokens[t] * channels, channels).CopyTo(new Span<float>(y + (nint)t * strideY, channels));
        }
    }

    private readonly struct BackwardJob<TLanes, TVector>(
        int count, int channels, int* tokens, float* gradY, int strideGradY, float* gradTable, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int start = index * size;
            int width = Math.Min(size, channels - start);
            for (int t = 0; t < count; t++)
                ColumnSum.AddRow<TLanes, TVector>(gradY + (nint)t * strideGradY + start, gradTable + (nint)tokens[t] * channels + start, width);
        }
    }
}

using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Rows of a table by position: <c>y[t] += table[first[s] + t - offsets[s]]</c> for the tokens t of packed sequence s, with table
/// [positions, channels] and y [T, channels]; tokens at positions beyond the table are left alone. Accumulated (+=) in float32: y, and the
/// table's gradient in the order of the sequences.
/// </summary>
internal static unsafe class PositionEmbedding
{
    private const int FewestRows = 16;

    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="offsets">[sequences + 1], where sequences begin and end; they may be empty.</param>
    /// <param name="first">[sequences], the position of each sequence's first token, not negative; empty where all are 0.</param>
    /// <param name="table">[positions, channels], contiguous.</param>
    /// <param name="y">[T, channels], accumulated (+=).</param>
    /// <param name="strideY">Row stride of <paramref name="y"/>.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Forward(
        int channels, ReadOnlySpan<int> offsets, ReadOnlySpan<long> first, ReadOnlySpan<float> table, Span<float> y, int strideY, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Forward<Lanes512, Vector512<float>>(channels, offsets, first, table, y, strideY, parallel); break;
            case 256: Forward<Lanes256, Vector256<float>>(channels, offsets, first, table, y, strideY, parallel); break;
            case 128: Forward<Lanes128, Vector128<float>>(channels, offsets, first, table, y, strideY, parallel); break;
            default: Forward<Lanes1, float>(channels, offsets, first, table, y, strideY, parallel); break;
        }
    }

    internal static void Forward<TLanes, TVector>(
        int channels, ReadOnlySpan<int> offsets, ReadOnlySpan<long> first, ReadOnlySpan<float> table, Span<float> y, int strideY, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int tokens = PackedChecks.Tokens(offsets), sequences = offsets.Length - 1;
        int positions = CheckTable(channels, table.Length, nameof(table));
        KernelCheck.Matrix(y.Length, nameof(y), tokens, nameof(tokens), channels, nameof(channels), strideY);
        if (first.Length > 0)
            KernelCheck.Vector(first.Length, nameof(first), sequences, nameof(sequences));
        for (int s = 0; s < first.Length; s++)
        {
            if (first[s] < 0)
                throw new ArgumentOutOfRangeException(nameof(first), first[s], $"The first position of sequence {s} must not be negative; got {first[s]}.");
        }

        fixed (int* pOffsets = offsets)
        fixed (long* pFirst = first)
        fixed (float* pTable = table, py = y)
        {
            int size = RowBlocks.RowsPerPiece(tokens, channels);
            var job = new ForwardJob<TLanes, TVector>(tokens, sequences, channels, positions, pOffsets, pFirst, pTable, py, strideY, size);
            parallel.For(RowBlocks.CountOf(tokens, size), ref job);
        }
    }

    /// <summary><c>gradTable[t - offsets[s]] += gradY[t]</c> for the tokens t of every sequence s; all begin at position 0.</summary>
    /// <param name="channels">Columns, at least 1.</param>
    /// <param name="offsets">[sequences + 1], where sequences begin and end; they may be empty.</param>
    /// <param name="gradY">[T, channels].</param>
    /// <param name="strideGradY">Row stride of <paramref name="gradY"/>.</param>
    /// <param name="gradTable">[positions, channels], contiguous, accumulated (+=).</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Backward(
        int channels, ReadOnlySpan<int> offsets, ReadOnlySpan<float> gradY, int strideGradY, Span<float> gradTable, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Backward<Lanes512, Vector512<float>>(channels, offsets, gradY, strideGradY, gradTable, parallel); break;
            case 256: Backward<Lanes256, Vector256<float>>(channels, offsets, gradY, strideGradY, gradTable, parallel); break;
            case 128: Backward<Lanes128, Vector128<float>>(channels, offsets, gradY, strideGradY, gradTable, parallel); break;
            default: Backward<Lanes1, float>(channels, offsets, gradY, strideGradY, gradTable, parallel); break;
        }
    }

    internal static void Backward<TLanes, TVector>(
        int channels, ReadOnlySpan<int> offsets, ReadOnlySpan<float> gradY, int strideGradY, Span<float> gradTable, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int tokens = PackedChecks.Tokens(offsets), sequences = offsets.Length - 1, used = 0;
        int positions = CheckTable(channels, gradTable.Length, nameof(gradTable));
        KernelCheck.Matrix(gradY.Length, nameof(gradY), tokens, nameof(tokens), channels, nameof(channels), strideGradY);
        for (int s = 0; s < sequences; s++)
            used = Math.Max(used, Math.Min(offsets[s + 1] - offsets[s], positions));
        fixed (int* pOffsets = offsets)
        fixed (float* pGradY = gradY, pGradTable = gradTable)
        {
            // Cut by positions: each piece walks all sequences in order, so no two pieces write the same element.
            int rowSize = (int)Math.Min((long)channels * sequences, int.MaxValue);
            int size = Math.Max(FewestRows, RowBlocks.RowsPerPiece(used, rowSize));
            var job = new BackwardJob<TLanes, TVector>(used, sequences, channels, pOffsets, pGradY, strideGradY, pGradTable, size);
            parallel.For(RowBlocks.CountOf(used, size), ref job);
        }
    }

    private static int CheckTable(int channels, int tableLength, string tableName)
    {
        KernelCheck.Size(channels, nameof(channels), 1);
        if (tableLength % channels != 0)
            throw new ArgumentException($"{tableName} must be [positions, channels={channels}]; got {tableLength} elements.", tableName);
        return tableLength / channels;
    }

    private readonly struct ForwardJob<TLanes, TVector>(
        int tokens, int sequences, int channels, int positions, int* offsets, long* first, float* table, float* y, int strideY, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int start = index * size, end = Math.Min(start + size, tokens);
            for (int s = PackedSearch.SequenceOf(offsets, sequences, start); s < sequences && offsets[s] < end; s++)
            {
                long shift = (first == null ? 0 : first[s]) - offsets[s];
                int stop = (int)Math.Clamp(positions - shift, 0, Math.Min(end, offsets[s + 1]));
                for (int t = Math.Max(start, offsets[s]); t < stop; t++)
                    ColumnSum.AddRow<TLanes, TVector>(table + (nint)(t + shift) * channels, y + (nint)t * strideY, channels);
            }
        }
    }

    private readonly struct BackwardJob<TLanes, TVector>(
        int used, int sequences, int channels, int* offsets, float* gradY, int strideGradY, float* gradTable, int size) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int start = index * size, end = Math.Min(start + size, used);
            for (int s = 0; s < sequences; s++)
            {
                int stop = Math.Min(end, offsets[s + 1] - offsets[s]);
                for (int p = start; p < stop; p++)
                    ColumnSum.AddRow<TLanes, TVector>(gradY + ((nint)offsets[s] + p) * strideGradY, gradTable + (nint)p * channels, channels);
            }
        }
    }
}

using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>The tokens of a pass whose positions have an embedding, and those positions.</summary>
internal readonly struct PositionRows
{
    private readonly int _tokens;
    private readonly long[] _rows;

    private PositionRows(int tokens, long[] rows, int[] positions)
    {
        _tokens = tokens;
        _rows = rows;
        Positions = positions;
    }

    public int Count => Positions?.Length ?? 0;

    /// <summary>[Count].</summary>
    public int[] Positions { get; }

    /// <param name="rows">The packed sequences.</param>
    /// <param name="first">The position of each sequence's first token; empty where all begin at 0.</param>
    /// <param name="positions">Rows of the table.</param>
    public static PositionRows Of(PackedRows rows, ReadOnlySpan<long> first, int positions)
    {
        var covered = new List<long>(rows.Tokens);
        var places = new List<int>(rows.Tokens);
        for (int s = 0; s < rows.Sequences; s++)
        {
            long start = first.IsEmpty ? 0 : first[s];
            long end = Math.Min(positions, start + rows.Offsets[s + 1] - rows.Offsets[s]);
            for (long position = start; position < end; position++)
            {
                covered.Add(rows.Offsets[s] + position - start);
                places.Add((int)position);
            }
        }

        return new PositionRows(rows.Tokens, [.. covered], [.. places]);
    }

    public void AddTo(Tensor residual, Tensor table)
    {
        Tensor values = table.index_select(0, DeviceData.Indices(Positions, table.device));
        // Each row is added to once, so the order does not matter.
        if (Count == _tokens)
            residual.add_(values);
        else
            residual.index_add_(0, Rows(residual.device), values, 1);
    }

    /// <summary>The rows of these tokens.</summary>
    public Tensor Select(Tensor matrix) => Count == _tokens ? matrix : matrix.index_select(0, Rows(matrix.device));

    private Tensor Rows(Device device) => DeviceData.Indices(_rows, device);
}

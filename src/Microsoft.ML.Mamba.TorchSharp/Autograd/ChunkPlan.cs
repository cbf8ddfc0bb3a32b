using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>The chunks of a batch: some whole sequences each, or a stretch of a longer one. Its tensors belong to the caller's dispose scope.</summary>
internal sealed class ChunkPlan
{
    private ChunkPlan(List<Chunk> chunks) => Chunks = chunks;

    public IReadOnlyList<Chunk> Chunks { get; }

    /// <summary>The plan, or null where no sequence is longer than a chunk.</summary>
    /// <param name="offsets">[sequences + 1].</param>
    /// <param name="chunkTokens">Tokens of a chunk, or 0 for whole sequences.</param>
    /// <param name="device">Where the kernels run.</param>
    /// <param name="withSegments">Whether the chunks' rows need <see cref="PackedRows.Segments"/>.</param>
    public static ChunkPlan? Of(int[] offsets, int chunkTokens, Device device, bool withSegments = false)
    {
        int longest = 0;
        for (int i = 1; i < offsets.Length; i++)
            longest = Math.Max(longest, offsets[i] - offsets[i - 1]);
        if (chunkTokens == 0 || longest <= chunkTokens)
            return null;
        var chunks = new List<Chunk>();
        var reader = new PieceReader(offsets, chunkTokens, splitsSequences: true);
        while (reader.TryRead(out SequencePiece piece))
        {
            var own = new int[piece.Sequences + 1];
            for (int i = 0; i < own.Length; i++)
                own[i] = Math.Clamp(offsets[piece.FirstSequence + i] - piece.FirstToken, 0, piece.Tokens);
            chunks.Add(new Chunk(piece, new PackedRows(own, device, withSegments)));
        }

        return new ChunkPlan(chunks);
    }

    /// <summary>A chunk and its own packed sequences.</summary>
    internal sealed record Chunk(SequencePiece Piece, PackedRows Rows)
    {
        /// <summary>The chunk's rows of a matrix of all tokens.</summary>
        public Tensor Of(Tensor whole) => whole.narrow(0, Piece.FirstToken, Piece.Tokens);
    }
}

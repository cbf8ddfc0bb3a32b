using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>A part of a batch that is computed at once: either some whole sequences, or a stretch of one sequence.</summary>
internal readonly record struct SequencePiece(int FirstSequence, int Sequences, int FirstToken, int Tokens, bool Begins, bool Ends)
{
    /// <summary>Whether the sequences have neighbouring pieces, so that states must be carried.</summary>
    public bool IsStretch => !(Begins && Ends);

    /// <summary>The piece's own offsets, from 0, of the batch's.</summary>
    public NativeBuffer<int> Rebase(ReadOnlySpan<int> offsets, NativeArena arena)
    {
        NativeBuffer<int> rebased = arena.Allocate<int>(Sequences + 1);
        for (int i = 0; i <= Sequences; i++)
            rebased.Span[i] = Math.Clamp(offsets[FirstSequence + i] - FirstToken, 0, Tokens);
        return rebased;
    }
}

/// <summary>
/// Cuts a batch into pieces of bounded length, so that a pass's memory stays small and in the cache. Where a sequence is cut depends on its own length
/// alone, so that its result does not depend on its neighbours.
/// </summary>
internal ref struct PieceReader(ReadOnlySpan<int> offsets, int maxTokens, bool splitsSequences)
{
    private readonly ReadOnlySpan<int> _offsets = offsets;
    private int _sequence;
    private int _token;

    public bool TryRead(out SequencePiece piece)
    {
        if (_sequence == _offsets.Length - 1)
        {
            piece = default;
            return false;
        }

        int first = _sequence, start = _token;
        int left = _offsets[first + 1] - start;
        if (splitsSequences && (left > maxTokens || start != _offsets[first]))
        {
            int taken = Math.Min(left, maxTokens);
            _token += taken;
            bool ends = taken == left;
            if (ends)
                _sequence++;
            piece = new SequencePiece(first, 1, start, taken, Begins: start == _offsets[first], ends);
            return true;
        }

        do
        {
            _sequence++;
        }
        while (_sequence < _offsets.Length - 1 && _offsets[_sequence + 1] - start <= maxTokens);
        _token = _offsets[_sequence];
        piece = new SequencePiece(first, _sequence - first, start, _token - start, Begins: true, Ends: true);
        return true;
    }
}

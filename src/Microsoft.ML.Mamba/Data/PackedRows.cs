using System.Buffers;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Collects sequences end to end in buffers that are kept from batch to batch. Channels is 0 for token ids. Not thread-safe.</summary>
/// <remarks>A tokenizer writes straight into it: what was written is <see cref="Pending"/> until <see cref="Commit"/>.</remarks>
internal sealed class PackedRows(int channels) : IBufferWriter<int>
{
    private int[] _tokens = [];
    private float[] _frames = [];
    private int[] _offsets = new int[64];
    private int _pending;

    public int Count { get; private set; }

    public int TokenCount => _offsets[Count];

    /// <summary>Ids written since the last <see cref="Commit"/>.</summary>
    public Span<int> Pending => _tokens.AsSpan(TokenCount, _pending);

    public void Clear()
    {
        Count = 0;
        _pending = 0;
    }

    /// <summary>Room for one more sequence; to be filled, then followed by <see cref="Commit"/> with the length that is kept.</summary>
    public Span<int> ReserveTokens(int length)
    {
        EnsureTokens(checked(TokenCount + length));
        return _tokens.AsSpan(TokenCount, length);
    }

    Memory<int> IBufferWriter<int>.GetMemory(int sizeHint)
    {
        EnsureTokens(checked(TokenCount + _pending + Math.Max(1, sizeHint)));
        return _tokens.AsMemory(TokenCount + _pending);
    }

    Span<int> IBufferWriter<int>.GetSpan(int sizeHint) => ((IBufferWriter<int>)this).GetMemory(sizeHint).Span;

    void IBufferWriter<int>.Advance(int count)
    {
        if (count < 0 || count > _tokens.Length - TokenCount - _pending)
            throw new ArgumentOutOfRangeException(nameof(count), count, "More ids were written than there was room for.");
        _pending += count;
    }

    /// <summary>Room for one more sequence of <paramref name="length"/> frames.</summary>
    public Span<float> ReserveFrames(int length)
    {
        int start = TokenCount * channels;
        int end = checked((TokenCount + length) * channels);
        if (end > _frames.Length)
            Array.Resize(ref _frames, Grown(_frames.Length, end));
        return _frames.AsSpan(start, end - start);
    }

    public void Commit(int length)
    {
        if (Count + 2 > _offsets.Length)
            Array.Resize(ref _offsets, 2 * _offsets.Length);
        _offsets[Count + 1] = _offsets[Count] + length;
        Count++;
        _pending = 0;
    }

    /// <summary>Forgets what was written and not committed.</summary>
    public void Discard() => _pending = 0;

    /// <summary>A batch over these buffers; valid until the next <see cref="Clear"/>.</summary>
    public SequenceBatch ToBatch() => channels == 0
        ? SequenceBatch.FromTokens(_tokens.AsMemory(0, TokenCount), _offsets.AsMemory(0, Count + 1))
        : SequenceBatch.FromFrames(_frames.AsMemory(0, TokenCount * channels), channels, _offsets.AsMemory(0, Count + 1));

    private void EnsureTokens(int need)
    {
        if (need > _tokens.Length)
            Array.Resize(ref _tokens, Grown(_tokens.Length, need));
    }

    private static int Grown(int have, int need) => (int)Math.Min(Array.MaxLength, Math.Max(need, Math.Max(256L, 2L * have)));
}

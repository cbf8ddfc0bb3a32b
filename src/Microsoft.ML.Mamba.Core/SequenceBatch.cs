namespace Microsoft.ML.Mamba;

/// <summary>
/// Several sequences laid end to end without padding: token ids <c>[T]</c> or frames <c>[T, C]</c>, token-major,
/// and offsets <c>[count + 1]</c> with sequence i at tokens <c>offsets[i] .. offsets[i + 1]</c>.
/// </summary>
/// <remarks>
/// The batch refers to the memory it was given and copies nothing; it is as thread-safe as that memory. Sequences may be empty here; models
/// refuse them.
/// </remarks>
public sealed class SequenceBatch
{
    private readonly ReadOnlyMemory<int> _tokens;
    private readonly ReadOnlyMemory<float> _frames;
    private readonly ReadOnlyMemory<int> _offsets;

    private SequenceBatch(ReadOnlyMemory<int> tokens, ReadOnlyMemory<float> frames, int channels, ReadOnlyMemory<int> offsets, int tokenCount)
    {
        _tokens = tokens;
        _frames = frames;
        _offsets = offsets;
        Channels = channels;
        TokenCount = tokenCount;
    }

    /// <summary>Number of sequences.</summary>
    public int Count => _offsets.Length - 1;

    /// <summary>Number of tokens (or frames) of all sequences together, T.</summary>
    public int TokenCount { get; }

    /// <summary>Channels of a frame; 0 for token ids.</summary>
    public int Channels { get; }

    /// <summary>Whether the sequences are token ids rather than frames.</summary>
    public bool IsTokens => Channels == 0;

    /// <summary>Token ids <c>[T]</c>; empty for frames.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.Span;

    /// <summary>Frames <c>[T, C]</c>; empty for token ids.</summary>
    public ReadOnlySpan<float> Frames => _frames.Span;

    /// <summary>Offsets <c>[Count + 1]</c>: starts with 0, never falls, ends with T.</summary>
    public ReadOnlySpan<int> Offsets => _offsets.Span;

    /// <summary>Length of a sequence in tokens.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such sequence.</exception>
    public int LengthOf(int index)
    {
        if ((uint)index >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The batch has {Count} sequences; got index {index}.");
        return Offsets[index + 1] - Offsets[index];
    }

    /// <summary>A batch of token ids.</summary>
    /// <param name="tokens">Token ids <c>[T]</c>.</param>
    /// <param name="offsets">Offsets <c>[count + 1]</c>.</param>
    /// <exception cref="ArgumentException">The offsets do not start with 0, fall somewhere, or do not end with T.</exception>
    public static SequenceBatch FromTokens(ReadOnlyMemory<int> tokens, ReadOnlyMemory<int> offsets)
    {
        CheckOffsets(offsets.Span, tokens.Length);
        return new SequenceBatch(tokens, default, 0, offsets, tokens.Length);
    }

    /// <summary>A batch of frames.</summary>
    /// <param name="frames">Frames <c>[T, channels]</c>.</param>
    /// <param name="channels">Channels of a frame; at least 1.</param>
    /// <param name="offsets">Offsets <c>[count + 1]</c>, in frames.</param>
    /// <exception cref="ArgumentException">
    /// The number of values is no multiple of <paramref name="channels"/>, or the offsets are wrong as for
    /// <see cref="FromTokens(ReadOnlyMemory{int}, ReadOnlyMemory{int})"/>.
    /// </exception>
    public static SequenceBatch FromFrames(ReadOnlyMemory<float> frames, int channels, ReadOnlyMemory<int> offsets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        if (frames.Length % channels != 0)
            throw new ArgumentException($"The number of values must be a multiple of the {channels} channels; got {frames.Length}.", nameof(frames));
        CheckOffsets(offsets.Span, frames.Length / channels);
        return new SequenceBatch(default, frames, channels, offsets, frames.Length / channels);
    }

    /// <summary>A batch of one sequence of token ids.</summary>
    /// <param name="tokens">Token ids <c>[T]</c>.</param>
    public static SequenceBatch FromTokens(ReadOnlyMemory<int> tokens) => FromTokens(tokens, new[] { 0, tokens.Length });

    /// <summary>A batch of one sequence of frames.</summary>
    /// <param name="frames">Frames <c>[T, channels]</c>.</param>
    /// <param name="channels">Channels of a frame; at least 1.</param>
    /// <exception cref="ArgumentException">The number of values is no multiple of <paramref name="channels"/>.</exception>
    public static SequenceBatch FromFrames(ReadOnlyMemory<float> frames, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        return FromFrames(frames, channels, new[] { 0, frames.Length / channels });
    }

    private static void CheckOffsets(ReadOnlySpan<int> offsets, int tokenCount)
    {
        if (offsets.Length == 0)
            throw new ArgumentException("Offsets must have one value more than there are sequences; got none.", nameof(offsets));
        if (offsets[0] != 0)
            throw new ArgumentException($"Offsets must start with 0; got {offsets[0]}.", nameof(offsets));
        for (int i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] < offsets[i - 1])
                throw new ArgumentException($"Offsets must not fall; offset {i} is {offsets[i]} after {offsets[i - 1]}.", nameof(offsets));
        }

        if (offsets[^1] != tokenCount)
            throw new ArgumentException($"The last offset must be the number of tokens, {tokenCount}; got {offsets[^1]}.", nameof(offsets));
    }
}

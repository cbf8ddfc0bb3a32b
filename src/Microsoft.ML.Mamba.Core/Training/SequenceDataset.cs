namespace Microsoft.ML.Mamba.Training;

/// <summary>Labelled sequences in memory, laid end to end: token ids, or frames of a fixed number of channels. Immutable and thread-safe.</summary>
/// <remarks>Made by a <see cref="SequenceDatasetBuilder"/>. Subsets share their values with the whole.</remarks>
public sealed class SequenceDataset
{
    private readonly SequenceStore<int>? _tokens;
    private readonly SequenceStore<float>? _frames;
    private readonly int[] _labels;
    private readonly int[]? _rows;

    internal SequenceDataset(SequenceStore<int>? tokens, SequenceStore<float>? frames, int channels, int[] labels, int[]? rows)
    {
        _tokens = tokens;
        _frames = frames;
        Channels = channels;
        _labels = labels;
        _rows = rows;
        for (int i = 0; i < labels.Length; i++)
            TokenCount += LengthOf(i);
    }

    /// <summary>Number of sequences.</summary>
    public int Count => _labels.Length;

    /// <summary>Channels of a frame; 0 for token ids.</summary>
    public int Channels { get; }

    /// <summary>Whether the sequences are token ids rather than frames.</summary>
    public bool IsTokens => Channels == 0;

    /// <summary>Tokens (or frames) of all sequences together.</summary>
    public long TokenCount { get; }

    /// <summary>One class a sequence.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>Length of a sequence in tokens or frames; at least 1.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such sequence.</exception>
    public int LengthOf(int index) => _tokens is not null ? _tokens.LengthOf(RowOf(index)) : _frames!.LengthOf(RowOf(index)) / Channels;

    /// <summary>Token ids of a sequence.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such sequence.</exception>
    /// <exception cref="InvalidOperationException">The dataset holds frames.</exception>
    public ReadOnlySpan<int> TokensOf(int index) => (_tokens ?? throw new InvalidOperationException("The dataset holds frames."))[RowOf(index)];

    /// <summary>Frames <c>[length, Channels]</c> of a sequence.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such sequence.</exception>
    /// <exception cref="InvalidOperationException">The dataset holds tokens.</exception>
    public ReadOnlySpan<float> FramesOf(int index) => (_frames ?? throw new InvalidOperationException("The dataset holds tokens."))[RowOf(index)];

    /// <summary>Some of the sequences, in the order given; an index may occur more than once.</summary>
    /// <param name="indices">0 to <see cref="Count"/> - 1 each.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such sequence.</exception>
    public SequenceDataset Subset(ReadOnlySpan<int> indices)
    {
        var rows = new int[indices.Length];
        var labels = new int[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            rows[i] = RowOf(indices[i]);
            labels[i] = _labels[indices[i]];
        }

        return new SequenceDataset(_tokens, _frames, Channels, labels, rows);
    }

    /// <summary>Splits the rows into two parts with about the same share of every class; each keeps the rows' order.</summary>
    /// <param name="fraction">Share of the second part, above 0 and below 1; rounded to whole rows, at least one.</param>
    /// <param name="seed">Any value; the same one splits alike.</param>
    /// <returns>Most rows, with at least one of every class; and the rows held out.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is out of range.</exception>
    /// <exception cref="InvalidOperationException">No class has a row to spare.</exception>
    public (SequenceDataset Train, SequenceDataset HeldOut) Split(double fraction, int seed)
    {
        if (!(fraction > 0 && fraction < 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, $"The fraction must be above 0 and below 1; got {fraction}.");
        bool[] heldOut = StratifiedSplit.HoldOut(_labels, fraction, seed);
        int[] all = [.. Enumerable.Range(0, Count)];
        return (Subset(Array.FindAll(all, i => !heldOut[i])), Subset(Array.FindAll(all, i => heldOut[i])));
    }

    /// <summary>Copies some of the sequences into a batch of their own.</summary>
    /// <param name="indices">0 to <see cref="Count"/> - 1 each.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such sequence.</exception>
    public SequenceBatch ToBatch(ReadOnlySpan<int> indices)
    {
        var buffer = new BatchBuffer();
        buffer.Fill(this, indices);
        return buffer.Batch;
    }

    /// <summary>Checks that a model can be trained on, or evaluated with, these rows.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <exception cref="ArgumentException">
    /// There are no rows, rows are of another kind or number of channels than the model's, or a label or token id is out of range; the
    /// message names the row, counted from 0.
    /// </exception>
    public void Validate(MambaConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (Count == 0)
            throw new ArgumentException("The dataset has no rows.");
        if (IsTokens != config.IsTokenModel)
            throw new ArgumentException($"The dataset holds {(IsTokens ? "tokens" : "frames")}; the model reads {(IsTokens ? "frames" : "tokens")}.");
        if (Channels != config.InputChannels)
            throw new ArgumentException($"The dataset's frames have {Channels} channels; the model reads {config.InputChannels}.");
        for (int i = 0; i < Count; i++)
        {
            if (_labels[i] >= config.NumClasses)
                throw new ArgumentException($"Row {i} has label {_labels[i]}; the model's classes are 0 to {config.NumClasses - 1}.");
            if (!IsTokens)
                continue;
            int position = TokensOf(i).IndexOfAnyExceptInRange(0, config.VocabSize - 1);
            if (position >= 0)
                throw new ArgumentException(
                    $"Row {i} has token id {TokensOf(i)[position]} at position {position}; the model's ids are 0 to {config.VocabSize - 1}.");
        }
    }

    /// <summary>Rows of every class.</summary>
    internal int[] CountClasses(int classes)
    {
        var counts = new int[classes];
        foreach (int label in _labels)
            counts[label]++;
        return counts;
    }

    private int RowOf(int index)
    {
        if ((uint)index >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The dataset has {Count} rows; got index {index}.");
        return _rows is null ? index : _rows[index];
    }
}

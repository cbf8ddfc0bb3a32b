namespace Microsoft.ML.Mamba.Training;

/// <summary>Gathers labelled sequences into a <see cref="SequenceDataset"/>. Not thread-safe.</summary>
public sealed class SequenceDatasetBuilder
{
    private readonly SequenceStore<int>? _tokens;
    private readonly SequenceStore<float>? _frames;
    private readonly List<int> _labels = [];
    private bool _built;

    private SequenceDatasetBuilder(int channels)
    {
        Channels = channels;
        if (channels == 0)
            _tokens = new SequenceStore<int>();
        else
            _frames = new SequenceStore<float>();
    }

    /// <summary>Channels of a frame; 0 for token ids.</summary>
    public int Channels { get; }

    /// <summary>Rows added so far.</summary>
    public int Count => _labels.Count;

    /// <summary>A builder of token sequences.</summary>
    public static SequenceDatasetBuilder ForTokens() => new(0);

    /// <summary>A builder of frame sequences.</summary>
    /// <param name="channels">Channels of a frame; at least 1.</param>
    public static SequenceDatasetBuilder ForFrames(int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        return new SequenceDatasetBuilder(channels);
    }

    /// <summary>Adds a sequence of tokens, copying it.</summary>
    /// <param name="tokens">Token ids; at least one, none negative.</param>
    /// <param name="label">The class, from 0.</param>
    /// <exception cref="ArgumentException">The sequence is empty, or an id or the label is negative; the message names the row, counted from 0.</exception>
    /// <exception cref="InvalidOperationException">The builder is for frames, or has built its dataset.</exception>
    public void Add(ReadOnlySpan<int> tokens, int label)
    {
        SequenceStore<int> store = _tokens ?? throw new InvalidOperationException($"This builder takes frames of {Channels} channels, not tokens.");
        CheckRow(tokens.IsEmpty, label);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] < 0)
                throw new ArgumentException($"Row {Count} has token id {tokens[i]} at position {i}; ids start with 0.", nameof(tokens));
        }

        store.Add(tokens);
        _labels.Add(label);
    }

    /// <summary>Adds a sequence of frames, copying it.</summary>
    /// <param name="frames">Frames <c>[length, Channels]</c>; at least one, every value finite.</param>
    /// <param name="label">The class, from 0.</param>
    /// <exception cref="ArgumentException">
    /// The sequence is empty, holds no whole number of frames or a value that is not finite, or the label is negative; the message names the row, counted from 0.
    /// </exception>
    /// <exception cref="InvalidOperationException">The builder is for tokens, or has built its dataset.</exception>
    public void Add(ReadOnlySpan<float> frames, int label)
    {
        SequenceStore<float> store = _frames ?? throw new InvalidOperationException("This builder takes tokens, not frames.");
        CheckRow(frames.IsEmpty, label);
        if (frames.Length % Channels != 0)
            throw new ArgumentException($"Row {Count} has {frames.Length} values, which is no multiple of the {Channels} channels.", nameof(frames));
        for (int i = 0; i < frames.Length; i++)
        {
            if (!float.IsFinite(frames[i]))
                throw new ArgumentException($"Row {Count} has {frames[i]} in frame {i / Channels}, channel {i % Channels}; values must be finite.", nameof(frames));
        }

        store.Add(frames);
        _labels.Add(label);
    }

    /// <summary>Makes the dataset of all rows added. The builder cannot be used afterwards.</summary>
    /// <exception cref="InvalidOperationException">The dataset was built before.</exception>
    public SequenceDataset Build()
    {
        ThrowIfBuilt();
        _built = true;
        return new SequenceDataset(_tokens, _frames, Channels, [.. _labels], rows: null);
    }

    private void CheckRow(bool isEmpty, int label)
    {
        ThrowIfBuilt();
        if (isEmpty)
            throw new ArgumentException($"Row {Count} has an empty sequence.");
        if (label < 0)
            throw new ArgumentOutOfRangeException(nameof(label), label, $"Row {Count} has label {label}; labels start with 0.");
    }

    private void ThrowIfBuilt()
    {
        if (_built)
            throw new InvalidOperationException("The dataset was built; start another builder.");
    }
}

namespace Microsoft.ML.Mamba.Training;

/// <summary>Gathers sequences of a dataset into a batch, in memory that is used again for the next one. Not thread-safe.</summary>
internal sealed class BatchBuffer(RowAugmenter? augmenter = null)
{
    private int[] _tokens = [];
    private float[] _frames = [];
    private int[] _offsets = [];
    private int[] _targets = [];

    /// <summary>The batch filled last; valid until the next <see cref="Fill"/>.</summary>
    public SequenceBatch Batch { get; private set; } = SequenceBatch.FromTokens(Array.Empty<int>());

    /// <summary>The batch's labels.</summary>
    public ReadOnlySpan<int> Targets => _targets.AsSpan(0, Batch.Count);

    /// <param name="data">The rows.</param>
    /// <param name="indices">Which ones.</param>
    /// <param name="epoch">Number of the epoch, by which an augmenter varies them.</param>
    public void Fill(SequenceDataset data, ReadOnlySpan<int> indices, int epoch = 0)
    {
        Grow(ref _offsets, indices.Length + 1);
        Grow(ref _targets, indices.Length);
        _offsets[0] = 0;
        long tokens = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            tokens += data.LengthOf(indices[i]);
            if (tokens * Math.Max(1, data.Channels) > Array.MaxLength)
                throw new InvalidOperationException(
                    $"A batch of {indices.Length} sequences would hold more than {Array.MaxLength} values; "
                    + "lower MaxBatchTokens or BatchSize.");
            _offsets[i + 1] = (int)tokens;
            _targets[i] = data.Labels[indices[i]];
        }

        int total = (int)tokens;
        if (data.IsTokens)
        {
            Grow(ref _tokens, total);
            for (int i = 0; i < indices.Length; i++)
            {
                ReadOnlySpan<int> row = data.TokensOf(indices[i]);
                Span<int> target = _tokens.AsSpan(_offsets[i], row.Length);
                if (augmenter is { ChangesTokens: true })
                    augmenter.Tokens(row, epoch, indices[i], target);
                else
                    row.CopyTo(target);
            }

            Batch = SequenceBatch.FromTokens(_tokens.AsMemory(0, total), _offsets.AsMemory(0, indices.Length + 1));
        }
        else
        {
            int channels = data.Channels;
            Grow(ref _frames, total * channels);
            for (int i = 0; i < indices.Length; i++)
            {
                ReadOnlySpan<float> row = data.FramesOf(indices[i]);
                Span<float> target = _frames.AsSpan(_offsets[i] * channels, row.Length);
                if (augmenter is { ChangesFrames: true })
                    augmenter.Frames(row, channels, epoch, indices[i], target);
                else
                    row.CopyTo(target);
            }

            Batch = SequenceBatch.FromFrames(_frames.AsMemory(0, total * channels), channels, _offsets.AsMemory(0, indices.Length + 1));
        }
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[Math.Max(length, (int)Math.Min(array.Length * 2L, Array.MaxLength))];
    }
}

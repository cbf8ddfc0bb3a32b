namespace Microsoft.ML.Mamba.Training;

/// <summary>Divides a dataset's rows into batches, limited by rows and by tokens. Deterministic; immutable and thread-safe.</summary>
/// <remarks>
/// Every epoch the rows are shuffled anew. Rows of about equal length come into one batch: of each pool of as many shuffled rows as a few batches hold, those of
/// like length are put together, and then the batches are shuffled. Every row occurs once an epoch; a sequence that alone exceeds the token
/// limit forms a batch of its own.
/// </remarks>
public sealed class BatchPlanner
{
    private readonly int[] _lengths;
    private readonly int _batchSize;
    private readonly int _maxBatchTokens;
    private readonly int _poolBatches;
    private readonly int _seed;

    /// <summary>Prepares the planning of a dataset.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="batchSize">Most sequences of a batch; at least 1.</param>
    /// <param name="maxBatchTokens">Most tokens of a batch of several sequences; at least 1.</param>
    /// <param name="seed">Any value; the same one gives the same plans.</param>
    /// <param name="poolBatches">Batches among whose rows equal lengths are sought; at least 1, which turns it off.</param>
    /// <param name="config">
    /// The model whose tokens are counted: where it reads patches, a sequence's <see cref="MambaConfig.TokensOf"/>. Null counts the rows'
    /// own tokens or frames.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is below 1.</exception>
    public BatchPlanner(SequenceDataset data, int batchSize, int maxBatchTokens, int seed, int poolBatches = 8, MambaConfig? config = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(poolBatches, 1);
        _lengths = new int[data.Count];
        for (int i = 0; i < _lengths.Length; i++)
            _lengths[i] = config?.TokensOf(data.LengthOf(i)) ?? data.LengthOf(i);
        _batchSize = batchSize;
        _maxBatchTokens = maxBatchTokens;
        _poolBatches = poolBatches;
        _seed = seed;
    }

    /// <summary>The batches of an epoch, as row indices.</summary>
    /// <param name="epoch">Number of the epoch; each has its own order.</param>
    public IReadOnlyList<int[]> PlanEpoch(int epoch)
    {
        int[] rows = [.. Enumerable.Range(0, _lengths.Length)];
        var random = new MambaRandom(_seed, "batches", epoch);
        random.Shuffle(rows.AsSpan());
        if (_poolBatches > 1)
        {
            // A stable sort keeps the shuffled order among equal lengths.
            long pool = Math.Min((long)_batchSize * _poolBatches, int.MaxValue);
            for (long start = 0; start < rows.Length; start += pool)
            {
                var part = new ArraySegment<int>(rows, (int)start, (int)Math.Min(pool, rows.Length - start));
                part.OrderBy(row => _lengths[row]).ToArray().CopyTo(rows, start);
            }
        }

        List<int[]> batches = Cut(rows);
        random.Shuffle(batches);
        return batches;
    }

    /// <summary>The batches of all rows in their own order.</summary>
    public IReadOnlyList<int[]> PlanInOrder() => Cut([.. Enumerable.Range(0, _lengths.Length)]);

    private List<int[]> Cut(int[] rows)
    {
        var batches = new List<int[]>();
        int start = 0;
        long tokens = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            int length = _lengths[rows[i]];
            if (i > start && (i - start == _batchSize || tokens + length > _maxBatchTokens))
            {
                batches.Add(rows[start..i]);
                start = i;
                tokens = 0;
            }

            tokens += length;
        }

        if (start < rows.Length)
            batches.Add(rows[start..]);
        return batches;
    }
}

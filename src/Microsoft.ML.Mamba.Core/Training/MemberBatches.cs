namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// The batches of each member of an ensemble: the same rows, shuffled and varied by a seed of its own, so that members err in different
/// places. Not thread-safe.
/// </summary>
internal sealed class MemberBatches
{
    private readonly SequenceDataset _data;
    private readonly BatchPlanner[] _planners;
    private readonly BatchBuffer[] _buffers;
    private IReadOnlyList<int[]>[] _plans = [];
    private int _epoch;

    public MemberBatches(SequenceDataset data, MambaTrainingOptions options, MambaConfig config, int members)
    {
        _data = data;
        int[] seeds = [.. Enumerable.Range(0, members).Select(member => MambaEnsemble.SeedOf(options.Seed, member))];
        _planners = Array.ConvertAll(
            seeds, seed => new BatchPlanner(data, options.BatchSize, options.MaxBatchTokens, seed, options.LengthBucketBatches, config));
        _buffers = Array.ConvertAll(seeds, seed => new BatchBuffer(new RowAugmenter(options.Augmentation, options.ComplementIds, seed)));
    }

    /// <summary>What each member reads in the step that was filled last; valid until the next <see cref="Fill"/>.</summary>
    public IReadOnlyList<BatchBuffer> Current => _buffers;

    /// <summary>Plans an epoch.</summary>
    /// <returns>Its number of steps.</returns>
    public int Plan(int epoch)
    {
        if (_epoch == epoch)
            return _plans[0].Count;
        _plans = Array.ConvertAll(_planners, planner => planner.PlanEpoch(epoch));
        // Members step together. Where the limit of tokens cuts another number of batches, the first one's are taken.
        for (int m = 1; m < _plans.Length; m++)
        {
            if (_plans[m].Count != _plans[0].Count)
                _plans[m] = _plans[0];
        }

        _epoch = epoch;
        return _plans[0].Count;
    }

    /// <summary>Gathers the batches of a step of the epoch that was planned last.</summary>
    public void Fill(int step)
    {
        for (int m = 0; m < _buffers.Length; m++)
            _buffers[m].Fill(_data, _plans[m][step], _epoch);
    }
}

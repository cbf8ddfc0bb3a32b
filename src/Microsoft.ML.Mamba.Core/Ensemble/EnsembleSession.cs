using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba;

/// <summary>Trains the members of an ensemble, or a single model, step by step, each by a session of its own.</summary>
internal sealed class EnsembleSession : IMambaTrainingSession
{
    private readonly MambaConfig _config;
    private readonly IMambaTrainingSession[] _members;
    private bool _disposed;

    private EnsembleSession(MambaConfig config, IMambaTrainingSession[] members)
    {
        _config = config;
        _members = members;
    }

    public int Count => _members.Length;

    public int StepCount => _members[0].StepCount;

    public static EnsembleSession Start(MambaEnsemble ensemble, MambaTrainingSettings settings)
    {
        var sessions = new List<IMambaTrainingSession>();
        try
        {
            for (int m = 0; m < ensemble.Members.Count; m++)
                sessions.Add(ensemble.Members[m].StartTraining(settings with { Seed = MambaEnsemble.SeedOf(settings.Seed, m) }));
            return new EnsembleSession(ensemble.Config, [.. sessions]);
        }
        catch
        {
            sessions.ForEach(session => session.Dispose());
            throw;
        }
    }

    public MambaStepResult TrainStep(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate, CancellationToken cancellationToken = default)
    {
        var steps = new StepSum();
        for (int m = 0; m < _members.Length && steps.IsFinite; m++)
            steps.Add(_members[m].TrainStep(batch, targets, learningRate, TokenOf(m, cancellationToken)));
        return steps.Mean;
    }

    /// <summary>As the interface's, with a batch for each member.</summary>
    public MambaStepResult TrainStep(IReadOnlyList<BatchBuffer> batches, float learningRate, CancellationToken cancellationToken)
    {
        var steps = new StepSum();
        for (int m = 0; m < _members.Length && steps.IsFinite; m++)
            steps.Add(_members[m].TrainStep(batches[m].Batch, batches[m].Targets, learningRate, TokenOf(m, cancellationToken)));
        return steps.Mean;
    }

    public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default)
    {
        var mean = new ProbabilityMean(output.Length, _config.NumClasses, _members.Length);
        foreach (IMambaTrainingSession member in _members)
        {
            member.Forward(batch, output, cancellationToken);
            mean.Add(output);
        }

        mean.Replace(output);
    }

    public MambaWeights ExportWeights() => Join(member => member.ExportWeights());

    public void ImportWeights(MambaWeights weights) => Divide(weights, (member, own) => member.ImportWeights(own));

    public MambaWeights ExportOptimizerState() => Join(member => member.ExportOptimizerState());

    public void ImportOptimizerState(MambaWeights state)
    {
        Divide(state, (member, own) => member.ImportOptimizerState(own));
        if (Array.Exists(_members, member => member.StepCount != StepCount))
        {
            string counts = string.Join(", ", _members.Select(member => member.StepCount));
            throw new ArgumentException($"The members' optimizers must have made equally many steps; they have made {counts}.", nameof(state));
        }
    }

    public void StartAverage() => ForEach(member => member.StartAverage());

    public void UpdateAverage(float share) => ForEach(member => member.UpdateAverage(share));

    public void SwapAverage() => ForEach(member => member.SwapAverage());

    public MambaWeights ExportAverage() => Join(member => member.ExportAverage());

    public void ImportAverage(MambaWeights average) => Divide(average, (member, own) => member.ImportAverage(own));

    public void Dispose()
    {
        if (!_disposed)
            ForEach(member => member.Dispose());
        _disposed = true;
    }

    // A step is whole or not made at all: once a member has made it, the others make it too.
    private static CancellationToken TokenOf(int member, CancellationToken cancellationToken) => member == 0 ? cancellationToken : CancellationToken.None;

    private void ForEach(Action<IMambaTrainingSession> action) => Array.ForEach(_members, action);

    private MambaWeights Join(Converter<IMambaTrainingSession, MambaWeights> export) => EnsembleWeights.Join(Array.ConvertAll(_members, export));

    private void Divide(MambaWeights all, Action<IMambaTrainingSession, MambaWeights> import)
    {
        IReadOnlyList<MambaWeights> own = EnsembleWeights.Split(all, _members.Length);
        for (int m = 0; m < _members.Length; m++)
            import(_members[m], own[m]);
    }

    // The members' results up to the first that is not finite, which then is the result.
    private struct StepSum()
    {
        private double _loss;
        private double _norm;
        private int _count;
        private MambaStepResult _last;

        public readonly bool IsFinite => _count == 0 || _last.IsFinite;

        public readonly MambaStepResult Mean => IsFinite && _count > 1 ? new MambaStepResult((float)(_loss / _count), (float)(_norm / _count)) : _last;

        public void Add(MambaStepResult result)
        {
            _last = result;
            _loss += result.Loss;
            _norm += result.GradientNorm;
            _count++;
        }
    }
}

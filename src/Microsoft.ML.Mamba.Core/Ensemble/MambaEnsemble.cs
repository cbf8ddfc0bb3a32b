namespace Microsoft.ML.Mamba;

/// <summary>
/// Classifiers of one shape that were trained on the same rows from initial weights of their own, and whose probabilities are averaged:
/// <c>p = 1/M sum_m softmax(logits_m)</c> (Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep
/// Ensembles", section 2.4). More of the unseen rows are right, and probabilities are less overconfident, than with one of them.
/// </summary>
/// <remarks>
/// With one member everything is exactly what that member gives. <see cref="Forward"/>, <see cref="ForwardPooled"/> and
/// <see cref="Saliency"/> may run on several threads at once, as those of the members may.
/// </remarks>
public sealed class MambaEnsemble : IDisposable
{
    /// <summary>The most members that an ensemble may have, 64.</summary>
    public const int MostMembers = 64;

    private readonly IMambaModel[] _members;

    /// <summary>Puts models together.</summary>
    /// <param name="members">1 to 64 classifiers of equal configuration; owned from now on.</param>
    /// <exception cref="ArgumentException">
    /// There are none or too many, one is null or twice there, one is no classifier, or their configurations differ.
    /// </exception>
    public MambaEnsemble(IEnumerable<IMambaModel> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        _members = [.. members];
        RangeCheck.Between(_members.Length, 1, MostMembers, "members.Count");
        for (int m = 0; m < _members.Length; m++)
        {
            IMambaModel member = _members[m] ?? throw new ArgumentException($"members[{m}] is null.", nameof(members));
            if (member.Config.Head != MambaHead.Classification)
                throw new ArgumentException($"members[{m}] must have a Classification head; it has {member.Config.Head}.", nameof(members));
            if (member.Config != Config)
                throw new ArgumentException($"members[{m}] has another configuration than members[0].", nameof(members));
            if (Array.IndexOf(_members, member) < m)
                throw new ArgumentException($"members[{m}] is there twice.", nameof(members));
        }
    }

    /// <summary>The configuration that all members have.</summary>
    public MambaConfig Config => _members[0].Config;

    /// <summary>The members.</summary>
    public IReadOnlyList<IMambaModel> Members => _members;

    /// <summary>Values of what <see cref="ForwardPooled"/> gives of a sequence: members x <see cref="MambaConfig.DModel"/>.</summary>
    public int PooledWidth => checked(_members.Length * Config.DModel);

    /// <summary>Makes an ensemble with initial weights, member m's of the seed <see cref="SeedOf"/>.</summary>
    /// <param name="engine">What the members run on.</param>
    /// <param name="config">A classifier's configuration.</param>
    /// <param name="members">1 to 64.</param>
    /// <param name="seed">Any value.</param>
    /// <exception cref="ArgumentException">The configuration is invalid or no classifier's, or the number is out of range.</exception>
    public static MambaEnsemble Create(IMambaEngine engine, MambaConfig config, int members, int seed)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(config);
        RangeCheck.Between(members, 1, MostMembers, nameof(members));
        return Create(engine, config, Enumerable.Range(0, members).Select(m => MambaInitializer.Create(config, SeedOf(seed, m))));
    }

    /// <summary>Makes an ensemble with weights that are there already.</summary>
    /// <param name="engine">What the members run on.</param>
    /// <param name="config">A classifier's configuration.</param>
    /// <param name="weights">The weights of 1 to 64 members; copied.</param>
    /// <exception cref="ArgumentException">
    /// The configuration is invalid or no classifier's, the number of weights is out of range, or a parameter is missing, superfluous or of
    /// another shape.
    /// </exception>
    public static MambaEnsemble Create(IMambaEngine engine, MambaConfig config, IEnumerable<MambaWeights> weights)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        var members = new List<IMambaModel>();
        try
        {
            foreach (MambaWeights each in weights)
                members.Add(engine.CreateModel(config, each));
            return new MambaEnsemble(members);
        }
        catch
        {
            members.ForEach(member => member.Dispose());
            throw;
        }
    }

    /// <summary>The seed of a member's initial weights and dropout: for member 0 the seed itself, so that it is the model that would be trained alone.</summary>
    /// <param name="seed">The ensemble's seed.</param>
    /// <param name="member">The member, from 0.</param>
    public static int SeedOf(int seed, int member) => member == 0 ? seed : unchecked((int)new MambaRandom(seed, "ensemble member", member).NextUInt64());

    /// <summary>Logits whose softmax is the mean of the members' probabilities: of one member its own, of several the logarithms of that mean.</summary>
    /// <param name="batch">As for <see cref="IMambaModel.Forward"/>.</param>
    /// <param name="output"><c>[batch.Count, NumClasses]</c>, overwritten. Its length must be exact.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <exception cref="ArgumentException">As for <see cref="IMambaModel.Forward"/>.</exception>
    /// <exception cref="ObjectDisposedException">The ensemble is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default)
    {
        var mean = new ProbabilityMean(output.Length, Config.NumClasses, _members.Length);
        foreach (IMambaModel member in _members)
        {
            member.Forward(batch, output, cancellationToken);
            mean.Add(output);
        }

        mean.Replace(output);
    }

    /// <summary>The vectors that the members' heads read, one behind another.</summary>
    /// <param name="batch">As for <see cref="IMambaModel.Forward"/>.</param>
    /// <param name="pooled">
    /// <c>[batch.Count, PooledWidth]</c>, overwritten: of each sequence member 0's <c>DModel</c> values, then member 1's, and so on. Its
    /// length must be exact.
    /// </param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <exception cref="ArgumentException">As for <see cref="IMambaModel.ForwardPooled"/>.</exception>
    /// <exception cref="InvalidOperationException">A member is being trained.</exception>
    /// <exception cref="ObjectDisposedException">The ensemble is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void ForwardPooled(SequenceBatch batch, Span<float> pooled, CancellationToken cancellationToken = default)
    {
        if (_members.Length == 1)
        {
            _members[0].ForwardPooled(batch, pooled, cancellationToken);
            return;
        }

        BatchCheck.Validate(Config, batch);
        BatchCheck.ValidateOutput(pooled.Length, batch.Count, PooledWidth, "Count, PooledWidth", nameof(pooled));
        int width = Config.DModel;
        var own = new float[batch.Count * width];
        for (int m = 0; m < _members.Length; m++)
        {
            _members[m].ForwardPooled(batch, own, cancellationToken);
            for (int row = 0; row < batch.Count; row++)
                own.AsSpan(row * width, width).CopyTo(pooled[(row * PooledWidth + m * width)..]);
        }
    }

    /// <summary>How much each token or frame adds to the logit of one class, to first order: the mean of what the members' own gradients x input say.</summary>
    /// <param name="batch">As for <see cref="IMambaModel.Forward"/>.</param>
    /// <param name="targets">One class a sequence, or -1 for the class that the ensemble predicts (of equal ones the first).</param>
    /// <param name="saliency"><c>[batch.TokenCount]</c>, overwritten. Its length must be exact.</param>
    /// <param name="logits"><c>[batch.Count, NumClasses]</c>, overwritten: what <see cref="Forward"/> gives, up to rounding. Its length must be exact.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <exception cref="ArgumentException">As for <see cref="IMambaModel.Saliency"/>.</exception>
    /// <exception cref="InvalidOperationException">A member is being trained.</exception>
    /// <exception cref="ObjectDisposedException">The ensemble is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Saliency(
        SequenceBatch batch, ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits, CancellationToken cancellationToken = default)
    {
        if (_members.Length == 1)
        {
            _members[0].Saliency(batch, targets, saliency, logits, cancellationToken);
            return;
        }

        BatchCheck.ValidateSaliency(Config, batch, targets, saliency, logits);
        int[] classes = targets.ToArray();
        if (targets.Contains(-1))
        {
            Forward(batch, logits, cancellationToken);
            for (int row = 0; row < classes.Length; row++)
            {
                if (classes[row] == -1)
                    classes[row] = Logits.IndexOfLargest(logits.Slice(row * Config.NumClasses, Config.NumClasses));
            }
        }

        var mean = new ProbabilityMean(logits.Length, Config.NumClasses, _members.Length);
        var own = new float[saliency.Length];
        saliency.Clear();
        foreach (IMambaModel member in _members)
        {
            member.Saliency(batch, classes, own, logits, cancellationToken);
            mean.Add(logits);
            for (int t = 0; t < own.Length; t++)
                saliency[t] += own[t] / _members.Length;
        }

        mean.Replace(logits);
    }

    /// <summary>Copies the current weights of all members out, in their order.</summary>
    /// <exception cref="ObjectDisposedException">The ensemble is disposed.</exception>
    public IReadOnlyList<MambaWeights> ExportWeights() => Array.ConvertAll(_members, member => member.ExportWeights());

    /// <summary>
    /// Starts training all members in place: each step of the session is one of every member, with the same sequences and with dropout of a
    /// seed of its own, <see cref="SeedOf"/> of the settings'. While a session is open, the ensemble must not be used otherwise.
    /// </summary>
    /// <remarks>
    /// A session's loss and gradient norm are the means of the members', its forward pass is the ensemble's, and its tensors are those of
    /// member m under names that begin with <c>members.m.</c>, where there are several. It can be cancelled until the first member has
    /// stepped; then the others follow. Where a member's loss or gradient is not finite, those before it have stepped.
    /// </remarks>
    /// <param name="settings">What the steps depend on besides the data.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public IMambaTrainingSession StartTraining(MambaTrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return _members.Length == 1 ? _members[0].StartTraining(settings) : EnsembleSession.Start(this, settings);
    }

    /// <summary>Disposes the members.</summary>
    public void Dispose()
    {
        foreach (IMambaModel member in _members)
            member.Dispose();
    }
}

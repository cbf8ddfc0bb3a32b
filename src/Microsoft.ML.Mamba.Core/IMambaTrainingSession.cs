namespace Microsoft.ML.Mamba;

/// <summary>Trains a model step by step. Not thread-safe: one step at a time.</summary>
public interface IMambaTrainingSession : IDisposable
{
    /// <summary>Optimizer steps made so far, also before an <see cref="ImportOptimizerState"/>.</summary>
    int StepCount { get; }

    /// <summary>One forward pass, backward pass, clipping and AdamW update.</summary>
    /// <param name="batch">The sequences of this step.</param>
    /// <param name="targets">One class a sequence, 0 to NumClasses - 1.</param>
    /// <param name="learningRate">The learning rate of this step; not negative.</param>
    /// <param name="cancellationToken">Looked at between layers; a cancelled step leaves weights and optimizer state as they were.</param>
    /// <returns>
    /// The loss and the norm of the gradient before clipping. Where either is not finite, the weights and the optimizer state are left as they were.
    /// </returns>
    /// <exception cref="ArgumentException">The batch does not fit the model, or a target is out of range.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    MambaStepResult TrainStep(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate, CancellationToken cancellationToken = default);

    /// <summary>Logits of the current weights, without dropout: <see cref="IMambaModel.Forward"/> between two steps.</summary>
    /// <param name="batch">As for <see cref="IMambaModel.Forward"/>.</param>
    /// <param name="output">As for <see cref="IMambaModel.Forward"/>.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default);

    /// <summary>Copies the current weights out.</summary>
    MambaWeights ExportWeights();

    /// <summary>Replaces the current weights.</summary>
    /// <param name="weights">Exactly the model's parameters.</param>
    /// <exception cref="ArgumentException">A parameter is missing, superfluous or of another shape.</exception>
    void ImportWeights(MambaWeights weights);

    /// <summary>Copies the optimizer's moments out: for each parameter p the tensors <c>exp_avg.p</c> and <c>exp_avg_sq.p</c>, and the scalar <c>step</c>.</summary>
    MambaWeights ExportOptimizerState();

    /// <summary>Restores what <see cref="ExportOptimizerState"/> gave.</summary>
    /// <param name="state">The exported tensors.</param>
    /// <exception cref="ArgumentException">A tensor is missing, superfluous or of another shape.</exception>
    void ImportOptimizerState(MambaWeights state);

    /// <summary>Starts, or starts anew, an average of the weights as a copy of the current ones. It is kept where the weights are.</summary>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    void StartAverage();

    /// <summary>Moves the average towards the current weights: <c>average += share * (weights - average)</c>, element by element.</summary>
    /// <param name="share">0 to 1; for an exponential moving average, 1 less its decay.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is not 0 to 1.</exception>
    /// <exception cref="InvalidOperationException">There is no average yet.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    void UpdateAverage(float share);

    /// <summary>
    /// Exchanges the current weights and the average in place, such as to validate with the average; calling it again brings both back, bit for bit.
    /// The optimizer's state stays as it is, so swap back before the next step.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no average yet.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    void SwapAverage();

    /// <summary>Copies the average out.</summary>
    /// <exception cref="InvalidOperationException">There is no average yet.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    MambaWeights ExportAverage();

    /// <summary>Replaces the average, or starts it.</summary>
    /// <param name="average">Exactly the model's parameters.</param>
    /// <exception cref="ArgumentException">A parameter is missing, superfluous or of another shape.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    void ImportAverage(MambaWeights average);
}

/// <summary>What one training step gave.</summary>
/// <param name="Loss">Weighted mean cross-entropy over the batch's sequences, in nats, with label smoothing.</param>
/// <param name="GradientNorm">Euclidean norm of all gradients before clipping.</param>
public readonly record struct MambaStepResult(float Loss, float GradientNorm)
{
    /// <summary>Whether the step was applied: loss and gradient were finite.</summary>
    public bool IsFinite => float.IsFinite(Loss) && float.IsFinite(GradientNorm);
}

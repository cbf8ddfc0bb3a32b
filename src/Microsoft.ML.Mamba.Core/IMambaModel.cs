namespace Microsoft.ML.Mamba;

/// <summary>
/// A model on an engine. <see cref="Forward"/>, <see cref="ForwardHidden"/>, <see cref="ForwardPooled"/>, <see cref="Saliency"/> and <see cref="Step"/> (with
/// distinct states) may run on several threads at once.
/// </summary>
public interface IMambaModel : IDisposable
{
    /// <summary>The model's configuration.</summary>
    MambaConfig Config { get; }

    /// <summary>Computes the head's output for every sequence of a batch.</summary>
    /// <param name="batch">Token ids or frames, as the configuration says. Sequences must not be empty.</param>
    /// <param name="output">
    /// Logits, overwritten: <c>[batch.Count, NumClasses]</c> for a classifier, <c>[batch.TokenCount, VocabSize]</c> for a language model,
    /// <c>[batch.TokenCount, DModel]</c> without a head. Its length must be exact.
    /// </param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <exception cref="ArgumentException">
    /// The batch does not fit the configuration, holds an empty sequence or an unknown token id, or <paramref name="output"/> has another
    /// length.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default);

    /// <summary>
    /// Computes the hidden states <c>[batch.TokenCount, DModel]</c> after a number of blocks; where the model reads patches,
    /// <c>[sum of <see cref="MambaConfig.TokensOf"/>, DModel]</c>.
    /// </summary>
    /// <param name="batch">As for <see cref="Forward"/>.</param>
    /// <param name="layer">0 for the embedding, k for the residual stream after block k, -1 for the final norm's output.</param>
    /// <param name="hidden">Overwritten; its length must be exact.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <exception cref="ArgumentException">As for <see cref="Forward"/>; also a <paramref name="layer"/> that does not exist.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    void ForwardHidden(SequenceBatch batch, int layer, Span<float> hidden, CancellationToken cancellationToken = default);

    /// <summary>Computes the vectors that a classifier's head reads: each sequence's hidden states, pooled after the final norm.</summary>
    /// <param name="batch">As for <see cref="Forward"/>.</param>
    /// <param name="pooled"><c>[batch.Count, DModel]</c>, overwritten; its length must be exact.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <exception cref="ArgumentException">As for <see cref="Forward"/>.</exception>
    /// <exception cref="InvalidOperationException">The model has no classification head, or is being trained.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    void ForwardPooled(SequenceBatch batch, Span<float> pooled, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gradient x input: how much each token or frame adds to the logit of one class, to first order. One forward and one backward pass, without dropout.
    /// </summary>
    /// <param name="batch">As for <see cref="Forward"/>.</param>
    /// <param name="targets">One class a sequence, or -1 for the class of the largest logit (of equal ones the first).</param>
    /// <param name="saliency">
    /// <c>[batch.TokenCount]</c>, overwritten: the sum over channels of <c>d logit[target] / d e * e</c>, with e what the token adds to the first block's input:
    /// its embedding (without the position's), or for frames the frame itself, before the input projection. Its length must be exact.
    /// </param>
    /// <param name="logits"><c>[batch.Count, NumClasses]</c>, overwritten: what <see cref="Forward"/> gives, up to rounding. Its length must be exact.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <exception cref="ArgumentException">
    /// As for <see cref="Forward"/>; also another number of targets, a target out of range, or a sequence that is too long for a backward
    /// pass.
    /// </exception>
    /// <exception cref="InvalidOperationException">The model has no classification head, or is being trained.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    void Saliency(SequenceBatch batch, ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits, CancellationToken cancellationToken = default);

    /// <summary>Creates the zero state of a number of streams that advance together.</summary>
    /// <param name="sequences">At least 1.</param>
    /// <exception cref="InvalidOperationException">The model is bidirectional or reads patches, and cannot be streamed.</exception>
    MambaState CreateState(int sequences = 1);

    /// <summary>Advances streams by a chunk each, in memory that does not depend on how much they have read.</summary>
    /// <param name="state">The streams' state, updated in place. One state must not be used by two threads at once.</param>
    /// <param name="chunk">
    /// One chunk a stream, of any length from one token up; feeding a sequence in pieces gives what <see cref="Forward"/> gives for the
    /// whole.
    /// </param>
    /// <param name="output">As for <see cref="Forward"/>; a classifier's logits are those of all that the stream has read so far.</param>
    /// <param name="cancellationToken">Looked at between layers; a cancelled step leaves the state unusable.</param>
    /// <exception cref="ArgumentException">As for <see cref="Forward"/>; also a state of another model shape or number of streams.</exception>
    /// <exception cref="InvalidOperationException">The model is bidirectional or reads patches.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    void Step(MambaState state, SequenceBatch chunk, Span<float> output, CancellationToken cancellationToken = default);

    /// <summary>Copies the current weights out.</summary>
    MambaWeights ExportWeights();

    /// <summary>Starts training this model in place. While a session is open, the model must not be used otherwise.</summary>
    /// <param name="settings">What the steps depend on besides the data.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the model has no classification head.</exception>
    IMambaTrainingSession StartTraining(MambaTrainingSettings settings);
}

namespace Microsoft.ML.Mamba;

/// <summary>What every engine checks of a batch before it computes anything, with one wording for all.</summary>
internal static partial class BatchCheck
{
    /// <summary>Checks that a batch holds what the model reads: tokens or frames, no empty sequence, known token ids, finite values.</summary>
    /// <exception cref="ArgumentException">It does not; the message names the sequence, the position and the value.</exception>
    public static void Validate(MambaConfig config, SequenceBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (config.IsTokenModel && !batch.IsTokens)
            throw new ArgumentException($"The model reads token ids; the batch holds frames of {batch.Channels} channels.", nameof(batch));
        if (!config.IsTokenModel && batch.IsTokens)
            throw new ArgumentException($"The model reads frames of {config.InputChannels} channels; the batch holds token ids.", nameof(batch));
        if (batch.Channels != config.InputChannels)
            throw new ArgumentException($"The model reads frames of {config.InputChannels} channels; the batch holds frames of {batch.Channels}.", nameof(batch));
        for (int i = 0; i < batch.Count; i++)
        {
            if (batch.Offsets[i] == batch.Offsets[i + 1])
                throw new ArgumentException($"Sequence {i} of the batch's {batch.Count} is empty; every sequence must have at least one token.", nameof(batch));
        }

        if (batch.IsTokens)
            CheckTokens(config, batch);
        else
            CheckFrames(batch);
    }

    /// <summary>Checks one target a sequence.</summary>
    /// <exception cref="ArgumentException">There is another number of targets, or one is out of range.</exception>
    public static void ValidateTargets(MambaConfig config, SequenceBatch batch, ReadOnlySpan<int> targets)
    {
        if (batch.Count == 0)
            throw new ArgumentException("A training batch must have at least one sequence; it has no sequence.", nameof(batch));
        if (targets.Length != batch.Count)
            throw new ArgumentException($"There must be one target for each of the {batch.Count} sequences; got {targets.Length}.", nameof(targets));
        for (int i = 0; i < targets.Length; i++)
        {
            if ((uint)targets[i] >= (uint)config.NumClasses)
            {
                throw new ArgumentException(
                    $"Sequence {i}: target {targets[i]} is none of the {config.NumClasses} classes (0 to {config.NumClasses - 1}).", nameof(targets));
            }
        }
    }

    /// <summary>Checks one target a sequence, or -1 for the class that the model finds most probable.</summary>
    /// <exception cref="ArgumentException">There is another number of targets, or one is out of range.</exception>
    private static void ValidateSaliencyTargets(MambaConfig config, SequenceBatch batch, ReadOnlySpan<int> targets)
    {
        if (targets.Length != batch.Count)
            throw new ArgumentException($"There must be one target for each of the {batch.Count} sequences; got {targets.Length}.", nameof(targets));
        for (int i = 0; i < targets.Length; i++)
        {
            if (targets[i] < -1 || targets[i] >= config.NumClasses)
            {
                throw new ArgumentException(
                    $"Sequence {i}: target {targets[i]} is neither one of the {config.NumClasses} classes (0 to {config.NumClasses - 1}) "
                    + "nor -1 for the most probable one.",
                    nameof(targets));
            }
        }
    }

    /// <summary>Checks the length of an output, <paramref name="rows"/> x <paramref name="width"/>.</summary>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public static void ValidateOutput(int length, int rows, int width, string shape, string name)
    {
        if (length != (long)rows * width)
            throw new ArgumentException($"{name} must be [{shape}] = [{rows}, {width}], {(long)rows * width} values; got {length}.", name);
    }

    /// <summary>Checks which hidden states are asked for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public static void ValidateLayer(MambaConfig config, int layer)
    {
        if (layer < -1 || layer > config.NumLayers)
        {
            throw new ArgumentOutOfRangeException(
                nameof(layer), layer, $"layer must be 0 to {config.NumLayers}, or -1 for the final norm's output; got {layer}.");
        }
    }

    /// <summary>Checks that a model has a classifier's head.</summary>
    /// <exception cref="InvalidOperationException">It has another.</exception>
    private static void RequireClassifier(MambaConfig config, string consequence)
    {
        if (config.Head != MambaHead.Classification)
            throw new InvalidOperationException($"The model has no Classification head but {config.Head}; it {consequence}.");
    }

    private static void CheckTokens(MambaConfig config, SequenceBatch batch)
    {
        ReadOnlySpan<int> tokens = batch.Tokens;
        for (int t = 0; t < tokens.Length; t++)
        {
            if ((uint)tokens[t] < (uint)config.VocabSize)
                continue;
            (int sequence, int position) = Locate(batch, t);
            throw new ArgumentException(
                $"Sequence {sequence}, position {position}: token id {tokens[t]} is outside the vocabulary of {config.VocabSize} (0 to {config.VocabSize - 1}).",
                nameof(batch));
        }
    }

    private static void CheckFrames(SequenceBatch batch)
    {
        ReadOnlySpan<float> frames = batch.Frames;
        for (int i = 0; i < frames.Length; i++)
        {
            if (float.IsFinite(frames[i]))
                continue;
            (int sequence, int position) = Locate(batch, i / batch.Channels);
            throw new ArgumentException(
                $"Sequence {sequence}, frame {position}, channel {i % batch.Channels}: the value is {frames[i]}; frames must be finite.", nameof(batch));
        }
    }

    private static (int Sequence, int Position) Locate(SequenceBatch batch, int token)
    {
        ReadOnlySpan<int> offsets = batch.Offsets;
        int sequence = 0;
        while (offsets[sequence + 1] <= token)
            sequence++;
        return (sequence, token - offsets[sequence]);
    }
}

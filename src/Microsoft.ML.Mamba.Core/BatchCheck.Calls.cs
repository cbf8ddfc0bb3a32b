namespace Microsoft.ML.Mamba;

/// <summary>What every engine checks of the other arguments of its calls.</summary>
internal static partial class BatchCheck
{
    /// <summary>Checks the length of what a model's head writes.</summary>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public static void ValidateHeadOutput(MambaConfig config, SequenceBatch batch, ReadOnlySpan<float> output)
    {
        (int rows, int width, string shape) = config.Head switch
        {
            MambaHead.Classification => (batch.Count, config.NumClasses, "Count, NumClasses"),
            MambaHead.LanguageModel => (batch.TokenCount, config.VocabSize, "TokenCount, VocabSize"),
            _ => (batch.TokenCount, config.DModel, "TokenCount, DModel"),
        };
        ValidateOutput(output.Length, rows, width, shape, nameof(output));
    }

    /// <summary>Checks what <see cref="IMambaModel.ForwardPooled"/> is given.</summary>
    /// <exception cref="InvalidOperationException">The model is no classifier.</exception>
    /// <exception cref="ArgumentException">The batch is none of this model's, or the output has another length.</exception>
    public static void ValidatePooled(MambaConfig config, SequenceBatch batch, ReadOnlySpan<float> pooled)
    {
        RequireClassifier(config, "pools nothing");
        Validate(config, batch);
        ValidateOutput(pooled.Length, batch.Count, config.DModel, "Count, DModel", nameof(pooled));
    }

    /// <summary>Checks what <see cref="IMambaModel.Saliency"/> is given.</summary>
    /// <exception cref="InvalidOperationException">The model is no classifier.</exception>
    /// <exception cref="ArgumentException">The batch is none of this model's, a target is no class, or an output has another length.</exception>
    public static void ValidateSaliency(
        MambaConfig config, SequenceBatch batch, ReadOnlySpan<int> targets, ReadOnlySpan<float> saliency, ReadOnlySpan<float> logits)
    {
        RequireClassifier(config, "has no logit of a class to explain");
        Validate(config, batch);
        ValidateSaliencyTargets(config, batch, targets);
        ValidateOutput(saliency.Length, batch.TokenCount, 1, "TokenCount, 1", nameof(saliency));
        ValidateOutput(logits.Length, batch.Count, config.NumClasses, "Count, NumClasses", nameof(logits));
    }

    /// <summary>Checks that a model can read a sequence bit by bit.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    public static void RequireStreamable(MambaConfig config)
    {
        if (config.IsBidirectional)
            throw new InvalidOperationException($"The model is bidirectional ({config.Direction}): it needs whole sequences and cannot be streamed.");
        // A patch may be incomplete at the end of every chunk, and is then padded with zeros that the next chunk would have to take back.
        if (config.HasPatches)
        {
            throw new InvalidOperationException(
                $"The model reads patches of {config.PatchLength} frames: it needs whole sequences and cannot be streamed.");
        }
    }

    /// <summary>Checks the number of streams of a new state.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static void ValidateStreams(int sequences)
    {
        if (sequences < 1)
            throw new ArgumentOutOfRangeException(nameof(sequences), sequences, $"A state must have at least one stream; got {sequences}.");
    }

    /// <summary>Checks that a chunk is one for each stream of a state that is whole.</summary>
    /// <exception cref="InvalidOperationException">A step broke off half-way.</exception>
    /// <exception cref="ArgumentException">The chunk is none of this model's, or has another number of sequences.</exception>
    public static void ValidateChunk(MambaConfig config, SequenceBatch chunk, int streams, bool isBroken)
    {
        if (isBroken)
            throw new InvalidOperationException("The state was left half-way by a step that was cancelled or failed; Reset it or go on from a clone.");
        Validate(config, chunk);
        if (chunk.Count != streams)
        {
            throw new ArgumentException(
                $"The state has {streams} streams, and the chunk must have a sequence for each; it has {chunk.Count}.", nameof(chunk));
        }
    }

    /// <summary>Checks that a model can be trained so.</summary>
    /// <exception cref="ArgumentException">It cannot; the message says why.</exception>
    public static void ValidateSettings(MambaConfig config, MambaTrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (config.Head != MambaHead.Classification)
            throw new ArgumentException($"Only a model with a Classification head can be trained; this one has {config.Head}.", nameof(settings));
        settings.Validate(config);
    }

    /// <summary>Checks a step's learning rate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public static void ValidateLearningRate(float learningRate)
    {
        if (!(learningRate >= 0) || float.IsInfinity(learningRate))
        {
            throw new ArgumentOutOfRangeException(
                nameof(learningRate), learningRate, $"learningRate must be finite and not negative; got {learningRate}.");
        }
    }

    /// <summary>Checks the share of the weights in their average.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static void ValidateShare(float share)
    {
        if (!(share >= 0 && share <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, $"share must be 0 to 1; got {share}.");
    }
}

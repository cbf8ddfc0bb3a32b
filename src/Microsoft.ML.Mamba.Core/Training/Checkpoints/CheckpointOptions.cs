namespace Microsoft.ML.Mamba.Training;

/// <summary>Where and when <see cref="MambaTrainer"/> saves a training's whole state, so that it can go on after an interruption. Immutable.</summary>
/// <remarks>
/// A checkpoint is one file, <c>step-NUMBER.safetensors</c>, with the weights, the optimizer's state, averaged and best weights, the
/// position and the history. It is written beside its place and then put there, so that it is complete or absent even after a power
/// failure. What a resumed training gives is, on the same engine, bit for bit what an uninterrupted one gives. One training at a time may
/// use a folder.
/// </remarks>
public sealed record CheckpointOptions
{
    internal const int MostEpochs = 100_000;
    internal const int MostSteps = 1 << 30;
    internal const int MostEpochInterval = 1_000_000;
    internal const int MostKept = 1_000_000;

    /// <summary>The folder; made where it does not exist. Not empty.</summary>
    public required string Folder { get; init; }

    /// <summary>A checkpoint after every so many steps. 0 (the default, none) to 1,073,741,824.</summary>
    public int EverySteps { get; init; }

    /// <summary>A checkpoint after every so many epochs, with their validation. 0 (none) to 1,000,000; default 1.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary>Whether there is a checkpoint after every epoch whose validation is the best so far. Default true; needed where the other two are 0.</summary>
    public bool AtBest { get; init; } = true;

    /// <summary>How many checkpoints are kept, the newest ones. 1 to 1,000,000; default 2. Each holds the best weights so far, too.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Whether training goes on from a checkpoint. Default <see cref="CheckpointResume.Auto"/>.</summary>
    public CheckpointResume Resume { get; init; }

    /// <summary>
    /// More that must be as it was when a training is resumed, by name: what options, configuration and data do not show, such as a hash of
    /// a vocabulary. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Identity { get; init; } = new Dictionary<string, string>();

    /// <summary>Checks every value against its documented range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Folder))
            throw new ArgumentException($"Folder must be the path of a folder; got {(Folder is null ? "null" : $"'{Folder}'")}.", nameof(Folder));
        RangeCheck.Between(EverySteps, 0, MostSteps, nameof(EverySteps));
        RangeCheck.Between(EveryEpochs, 0, MostEpochInterval, nameof(EveryEpochs));
        RangeCheck.Between(Keep, 1, MostKept, nameof(Keep));
        if (EverySteps == 0 && EveryEpochs == 0 && !AtBest)
            throw new ArgumentException("EverySteps, EveryEpochs and AtBest must not all be off.", nameof(EveryEpochs));
        RangeCheck.Defined(Resume, nameof(Resume));
        ArgumentNullException.ThrowIfNull(Identity);
    }
}

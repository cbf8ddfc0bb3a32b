namespace Microsoft.ML.Mamba.Training;

/// <summary>Why a training ended.</summary>
public enum TrainingStopReason
{
    /// <summary>All epochs were made.</summary>
    Completed = 0,

    /// <summary>Validation had not improved for <see cref="MambaTrainingOptions.EarlyStoppingPatience"/> epochs.</summary>
    EarlyStopped = 1,

    /// <summary>The loss or the gradient became NaN or infinite; earlier weights were restored.</summary>
    Diverged = 2,
}

/// <summary>The course of a training. Immutable.</summary>
public sealed partial record TrainingHistory
{
    private const int CurrentVersion = 1;

    /// <summary>Version of the JSON form; 1.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>All complete epochs in order.</summary>
    public required IReadOnlyList<TrainingEpoch> Epochs { get; init; }

    /// <summary>The best validated epoch, from 1, or null without validation.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Why the training ended.</summary>
    public required TrainingStopReason StopReason { get; init; }

    /// <summary>What went wrong and what to change, or null.</summary>
    public string? Warning { get; init; }

    /// <summary>What else was warned of, such as imbalanced classes: with numbers, and options to change. Empty in histories of older releases.</summary>
    public IReadOnlyList<string> Guidance { get; init; } = [];

    /// <summary>Rows trained on.</summary>
    public required int TrainingRows { get; init; }

    /// <summary>Rows of the validation set; 0 without validation.</summary>
    public required int ValidationRows { get; init; }

    /// <summary>Steps made, also those of an epoch that was not completed.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Tokens (or frames) of all steps.</summary>
    public required long TotalTokens { get; init; }

    /// <summary>Time of the whole training.</summary>
    public required TimeSpan TotalTime { get; init; }

    /// <summary>Loss and learning rate over the steps: at most 2,000 points of equally many steps each, the last perhaps of fewer.</summary>
    public IReadOnlyList<TrainingPoint> Curve { get; init; } = [];

    /// <summary>
    /// The validation rows under the weights that the training ended with, by label and prediction; null without validation, before the first, or with more than
    /// <see cref="ClassConfusion.MaxClasses"/> classes.
    /// </summary>
    public ClassConfusion? Confusion { get; init; }

    /// <summary>Training rows of every class; empty with more than <see cref="ClassConfusion.MaxClasses"/> classes.</summary>
    public IReadOnlyList<int> TrainingClassRows { get; init; } = [];

    /// <summary>Validation rows of every class; empty without validation and with more than <see cref="ClassConfusion.MaxClasses"/> classes.</summary>
    public IReadOnlyList<int> ValidationClassRows { get; init; } = [];

    /// <summary>How long the training sequences are; null in histories of older releases.</summary>
    public LengthDistribution? TrainingLengths { get; init; }

    /// <summary>How long the validation sequences are; null without validation.</summary>
    public LengthDistribution? ValidationLengths { get; init; }

    /// <summary>The options used, as texts by name, in the invariant culture: those of <see cref="MambaTrainingOptions"/>, and what a caller adds.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>When the training began; null in histories of older releases.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Steps that had been made when the training was last resumed from a checkpoint; null where it was not. Times leave out what lay between.</summary>
    public int? ResumedAtStep { get; init; }

    /// <summary>Time of all validations together.</summary>
    public TimeSpan ValidationTime { get; init; }

    /// <summary>The most memory that the process had resident up to the training's end, in bytes; null where the system does not tell.</summary>
    public long? PeakMemory { get; init; }
}

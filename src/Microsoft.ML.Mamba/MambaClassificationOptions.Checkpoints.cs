using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>
    /// A folder of this training's own in which its state is saved as it goes, so that the same program started again, also after a crash
    /// or a power failure, goes on where it was and gives the model that it would have given. Made where it does not exist. A training that
    /// had ended gives its model again at once. Checkpoints of another training, by options, columns or data, are refused with what
    /// differs. Default null: nothing is saved.
    /// </summary>
    public string? CheckpointFolder { get; set; }

    /// <summary>A checkpoint after every so many steps; 0 for none. 0 to 1,073,741,824. Default null: none. Needs <see cref="CheckpointFolder"/>.</summary>
    public int? CheckpointEverySteps { get; set; }

    /// <summary>A checkpoint after every so many epochs; 0 for none. 0 to 1,000,000. Default null: after every one. Needs <see cref="CheckpointFolder"/>.</summary>
    public int? CheckpointEveryEpochs { get; set; }

    /// <summary>
    /// Whether there is a checkpoint after every epoch whose validation is the best so far. Default null: yes. Needs
    /// <see cref="CheckpointFolder"/>.
    /// </summary>
    public bool? CheckpointAtBest { get; set; }

    /// <summary>
    /// How many checkpoints are kept, the newest ones; each holds the best weights so far, too. 1 to 1,000,000. Default null: 2. Needs
    /// <see cref="CheckpointFolder"/>.
    /// </summary>
    public int? CheckpointsToKeep { get; set; }

    /// <summary>
    /// Whether training goes on from the checkpoints in <see cref="CheckpointFolder"/>. Default null: <see cref="CheckpointResume.Auto"/>,
    /// where there are any. Needs <see cref="CheckpointFolder"/>.
    /// </summary>
    public CheckpointResume? Resume { get; set; }

    private void ValidateCheckpoints()
    {
        Require(CheckpointEverySteps, 0, CheckpointOptions.MostSteps, nameof(CheckpointEverySteps));
        Require(CheckpointEveryEpochs, 0, CheckpointOptions.MostEpochInterval, nameof(CheckpointEveryEpochs));
        Require(CheckpointsToKeep, 1, CheckpointOptions.MostKept, nameof(CheckpointsToKeep));
        if (Resume is { } resume)
            RequireDefined(resume, nameof(Resume));
        if (CheckpointFolder is not null)
        {
            if (string.IsNullOrWhiteSpace(CheckpointFolder))
                throw new ArgumentException($"CheckpointFolder must be the path of a folder; got '{CheckpointFolder}'.", nameof(CheckpointFolder));
            if (CheckpointEverySteps is null or 0 && CheckpointEveryEpochs == 0 && CheckpointAtBest == false)
                throw new ArgumentException("CheckpointEverySteps, CheckpointEveryEpochs and CheckpointAtBest must not all be off.", nameof(CheckpointEveryEpochs));
            if (MaxEpochs > CheckpointOptions.MostEpochs)
                throw new ArgumentException($"With CheckpointFolder, MaxEpochs must be at most {CheckpointOptions.MostEpochs}; got {MaxEpochs}.", nameof(MaxEpochs));
            return;
        }

        string? alone = CheckpointEverySteps is not null ? nameof(CheckpointEverySteps)
            : CheckpointEveryEpochs is not null ? nameof(CheckpointEveryEpochs)
            : CheckpointAtBest is not null ? nameof(CheckpointAtBest)
            : CheckpointsToKeep is not null ? nameof(CheckpointsToKeep)
            : Resume is not null ? nameof(Resume)
            : null;
        if (alone is not null)
            throw new ArgumentException($"{alone} needs a CheckpointFolder.", alone);
    }
}

namespace Microsoft.ML.Mamba.Training;

/// <summary>Whether a training goes on from the checkpoints in its folder.</summary>
public enum CheckpointResume
{
    /// <summary>From the newest one, where there is one: the same program started again goes on where it was.</summary>
    Auto = 0,

    /// <summary>Never: training starts anew, and its first checkpoint replaces all that are in the folder.</summary>
    Never = 1,

    /// <summary>Always: a folder without a checkpoint is an error.</summary>
    Required = 2,
}

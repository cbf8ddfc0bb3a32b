namespace Microsoft.ML.Mamba;

/// <summary>What becomes of a missing value of a frame, which NaN stands for. Infinities are always refused.</summary>
public enum MissingValues
{
    /// <summary>It is an error that names the frame and the channel.</summary>
    Error = 0,

    /// <summary>It counts as the channel's mean, which normalisation makes 0; without normalisation it becomes 0.</summary>
    Zero = 1,

    /// <summary>
    /// It becomes the last known value of its channel in the same sequence. Before the first known value it counts as the channel's mean: the sequence's own with
    /// <see cref="FrameNormalization.PerSequence"/>, else that of the training rows.
    /// </summary>
    CarryForward = 2,
}

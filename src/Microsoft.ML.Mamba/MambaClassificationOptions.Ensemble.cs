namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>
    /// How many models are trained on the same rows and saved together, with seeds of their own for initial weights, shuffling, variation and
    /// dropout; the scores are the means of their probabilities. Several are more often right and less overconfident where rows are few; training,
    /// scoring and the saved model grow with their number, and so does the vector of <see cref="FeatureColumnName"/>, in which theirs stand
    /// one behind another. 1 to 64. Default null: for frames 3 where there are fewer than 1,000 training rows, or as many as read no more
    /// than 12,000,000 frames in training together; otherwise 1. What was chosen is logged.
    /// </summary>
    public int? EnsembleSize { get; set; }
}

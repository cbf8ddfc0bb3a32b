namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>
    /// What becomes of missing values of frames, which are NaN, in training and in scoring. It comes after <see cref="MaxLength"/>: values that are cut off have no influence.
    /// For vectors of Single only. Default <see cref="MissingValues.Error"/>.
    /// </summary>
    public MissingValues MissingValues { get; set; }

    /// <summary>
    /// How each channel of frames is normalised, after <see cref="MaxLength"/>. What <see cref="FrameNormalization.TrainingSet"/> needs is learned by
    /// <see cref="MambaClassificationEstimator.Fit"/> from the labelled rows that it is given, not from <see cref="ValidationSet"/>, and saved with the model. For vectors of
    /// Single only. Default null: <see cref="FrameNormalization.TrainingSet"/>.
    /// </summary>
    public FrameNormalization? FrameNormalization { get; set; }

    private void ValidateFrames()
    {
        RequireDefined(MissingValues, nameof(MissingValues));
        if (FrameNormalization is { } normalization)
            RequireDefined(normalization, nameof(FrameNormalization));
    }
}

namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>
    /// What becomes of missing values of frames, which are NaN, in training and in scoring. It comes after <see cref="MaxLength"/>: values
    /// that are cut off have no influence. For vectors of Single only. Default <see cref="MissingValues.Error"/>.
    /// </summary>
    public MissingValues MissingValues { get; set; }

    /// <summary>
    /// How each channel of frames is normalised, after <see cref="MaxLength"/>. What <see cref="FrameNormalization.TrainingSet"/> needs is
    /// learned by <see cref="MambaClassificationEstimator.Fit"/> from the labelled rows that it is given, not from
    /// <see cref="ValidationSet"/>, and saved with the model. For vectors of Single only. Default null:
    /// <see cref="FrameNormalization.TrainingSet"/>.
    /// </summary>
    public FrameNormalization? FrameNormalization { get; set; }

    /// <summary>
    /// Frames that the model reads at once, as one patch, which makes long series short before the blocks: raw waveforms, for example. 2 to
    /// 65,536, or 1 for single frames; times the channels at most 1,048,576. What reaches beyond the end of a series is 0. Lengths of
    /// options stay those in frames. For vectors of Single only. Default null: the preset's.
    /// </summary>
    public int? PatchLength { get; set; }

    /// <summary>
    /// Frames from the start of one patch to that of the next. 1 to <see cref="PatchLength"/>; below it, patches overlap. For vectors of
    /// Single only. Default null: the preset's, or where <see cref="PatchLength"/> is set, the same.
    /// </summary>
    public int? PatchStride { get; set; }

    // A stride is one of a length: it is not taken from a preset for another length.
    internal (int Length, int Stride) ResolvePatches(Preset preset) =>
        (PatchLength ?? preset.Config.PatchLength, PatchStride ?? (PatchLength is null ? preset.Config.PatchStride : 0));

    private void ValidateFrames()
    {
        RequireDefined(MissingValues, nameof(MissingValues));
        if (FrameNormalization is { } normalization)
            RequireDefined(normalization, nameof(FrameNormalization));
        Require(PatchLength, 1, 65_536, nameof(PatchLength));
        Require(PatchStride, 1, 65_536, nameof(PatchStride));
        int length = Math.Max(1, ResolvePatches(Preset.Frames).Length);
        if (PatchStride > length)
            throw new ArgumentOutOfRangeException(nameof(PatchStride), PatchStride, $"PatchStride must be 1 to PatchLength, which is {length}; got {PatchStride}.");
    }
}

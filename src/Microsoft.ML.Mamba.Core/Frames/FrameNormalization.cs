namespace Microsoft.ML.Mamba;

/// <summary>How the channels of frames are brought to zero mean and unit deviation. Missing values count in neither.</summary>
/// <remarks>A channel that is constant, as far as 32-bit numbers tell, only loses its mean.</remarks>
public enum FrameNormalization
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>By each channel's mean and deviation over all training rows: differences of level and size between sequences stay.</summary>
    TrainingSet = 1,

    /// <summary>By each channel's mean and deviation over the sequence itself: only the shape stays, for series whose level or size means nothing.</summary>
    PerSequence = 2,
}

using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>
    /// How training rows are varied in every epoch; <see cref="SequenceAugmentation.None"/> for not at all. Each of its values must be in
    /// its range. Default null: the preset's.
    /// </summary>
    public SequenceAugmentation? Augmentation { get; set; }
}

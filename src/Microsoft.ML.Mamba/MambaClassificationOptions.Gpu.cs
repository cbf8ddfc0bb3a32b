namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>
    /// In which numbers a GPU computes the training, and the scores until the model is saved and loaded: with
    /// <see cref="MambaPrecision.BFloat16"/> models of some size take half the memory and less time. Weights are float32 in any case, and so
    /// is everything on the CPU. Default <see cref="MambaPrecision.Float32"/>.
    /// </summary>
    public MambaPrecision GpuPrecision { get; set; }
}

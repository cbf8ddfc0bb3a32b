namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The validated arguments of one convolution as plain pointers and strides, so that jobs can carry them to other threads. Absent tensors
/// are null.
/// </summary>
internal unsafe struct ConvPlan
{
    public int Tokens, Sequences, Channels, KernelSize;
    public bool Silu, Reverse, HasBias;
    public int* Offsets;
    public float* X, Weight, Bias, InitialInputs;
    public nint XStride;
    public PackedSplit Split;

    /// <summary>The token that a sequence's step i reads.</summary>
    public readonly nint TokenAt(int sequence, int step)
    {
        return Reverse ? Offsets[sequence + 1] - 1 - step : Offsets[sequence] + step;
    }

    public readonly int LengthOf(int sequence) => Offsets[sequence + 1] - Offsets[sequence];
}

/// <summary>Outputs of a forward convolution as plain pointers.</summary>
internal unsafe struct ConvOutputPlan
{
    public float* Y, FinalInputs;
    public nint YStride;
}

/// <summary>Gradients of a backward convolution as plain pointers.</summary>
internal unsafe struct ConvGradientPlan
{
    public float* GradY, GradX, GradWeight, GradBias;
    public nint GradYStride, GradXStride;
    public bool AccumulateX;
}

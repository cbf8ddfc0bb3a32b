namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>The validated arguments of one scan as plain pointers and strides, so that jobs can carry them to other threads. Absent tensors are null.</summary>
internal unsafe struct ScanPlan
{
    public int Tokens, Sequences, Channels, StateSize, Groups;
    public bool Softplus, Reverse, Stretches, HasD, HasDtBias;
    public int* Offsets;
    public float* X, Dt, DtBias, A, B, C, D, Z, InitialState;
    public nint XStride, DtStride, BStride, CStride, ZStride;
    public PackedSplit Split;

    public readonly int ChannelsPerGroup => Channels / Groups;

    /// <summary>The token that a sequence's step i reads.</summary>
    public readonly nint TokenAt(int sequence, int step)
    {
        return Reverse ? Offsets[sequence + 1] - 1 - step : Offsets[sequence] + step;
    }

    public readonly int LengthOf(int sequence) => Offsets[sequence + 1] - Offsets[sequence];
}

/// <summary>Outputs of a forward scan as plain pointers.</summary>
internal unsafe struct ScanOutputPlan
{
    public float* Y, FinalState, BorderStates;
    public nint YStride;
    public bool AccumulateY;
}

/// <summary>Gradients of a backward scan as plain pointers.</summary>
internal unsafe struct ScanGradientPlan
{
    public float* GradY, GradFinalState, BorderStates;
    public float* GradX, GradDt, GradB, GradC, GradZ, GradA, GradD, GradDtBias, GradInitialState;
    public nint GradYStride, GradXStride, GradDtStride, GradBStride, GradCStride, GradZStride;
    public bool AccumulateX, AccumulateDt, AccumulateB, AccumulateC, AccumulateZ;
}

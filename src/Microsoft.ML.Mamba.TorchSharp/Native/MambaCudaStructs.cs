using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

/// <summary>A matrix's first element and the distance of its rows in elements.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct MatrixPointer(Tensor? matrix)
{
    private readonly nint _pointer = TensorMemory.Pointer(matrix);
    private readonly long _stride = TensorMemory.Stride(matrix);
}

/// <summary>What every argument struct begins with.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct StructHeader(int size)
{
    private readonly uint _size = (uint)size;
    private readonly uint _abiVersion = MambaCuda.AbiVersion;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ScanProblem
{
    public StructHeader Header;
    public int DType;
    public uint Flags;
    public long Tokens, Sequences, Channels, StateSize, Groups, MaxLength, SegmentLength;
    public nint Offsets;
    public MatrixPointer X, Dt, B, C, Z;
    public nint A, D, DtBias, InitialState;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ScanOutputs
{
    public StructHeader Header;
    public MatrixPointer Y;
    public nint FinalState, BorderStates;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ScanGradientPointers
{
    public StructHeader Header;
    public uint Accumulate, Reserved;
    public nint BorderStates;
    public MatrixPointer GradY;
    public nint GradFinalState;
    public MatrixPointer GradX, GradDt, GradB, GradC, GradZ;
    public nint GradA, GradD, GradDtBias, GradInitialState;
}

/// <summary>One token of the scan for each of a batch of sequences.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ScanStep
{
    public StructHeader Header;
    public int DType;
    public uint Flags;
    public long Batch, Channels, StateSize, Groups;
    public MatrixPointer X, Dt, B, C, Z;
    public nint A, D, DtBias, State;
    public MatrixPointer Y;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ConvProblem
{
    public StructHeader Header;
    public int DType;
    public uint Flags;
    public long Tokens, Sequences, Channels, KernelSize;
    public nint Offsets;
    public MatrixPointer X;
    public nint Weight, Bias, InitialInputs;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ConvOutputs
{
    public StructHeader Header;
    public MatrixPointer Y;
    public nint FinalInputs;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ConvGradients
{
    public StructHeader Header;
    public MatrixPointer GradY, GradX;
    public nint GradWeight, GradBias;
}

/// <summary>One token of the convolution for each of a batch of sequences.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ConvStep
{
    public StructHeader Header;
    public int DType;
    public uint Flags;
    public long Batch, Channels, KernelSize;
    public MatrixPointer X;
    public nint Weight, Bias, Inputs;
    public MatrixPointer Y;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NormProblem
{
    public StructHeader Header;
    public int DType, ResidualDType;
    public long Rows, Channels;
    public MatrixPointer X, Residual;
    public nint Weight;
    public float Epsilon;
    public uint Reserved;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NormOutputs
{
    public StructHeader Header;
    public MatrixPointer Y, Sum;
    public nint InverseRms;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NormGradients
{
    public StructHeader Header;
    public nint InverseRms;
    public MatrixPointer GradY, GradSum, GradX, GradResidual;
    public nint GradWeight;
}

[StructLayout(LayoutKind.Sequential)]
internal struct PoolProblem
{
    public StructHeader Header;
    public int DType, Kind;
    public long Tokens, Sequences, Channels;
    public nint Offsets;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AdamWStep
{
    public StructHeader Header;
    public long Length, Decaying;
    public float GradientScale, Beta1, Beta2, Epsilon, Rate, Correction, Keep;
    public int ReducedDType;
    public nint Parameters, Gradients, First, Second, Reduced;
}

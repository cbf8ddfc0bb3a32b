using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

/// <summary>
/// Streaming token by token: one token of each sequence, whose state is read and overwritten, has kernels of its own, without workspace or
/// tiles of time.
/// </summary>
internal sealed unsafe partial class CudaKernels
{
    /// <summary>Whether a state is read and overwritten in place, which is all that these kernels do.</summary>
    private static bool IsUpdate(Tensor? initial, Tensor? final) =>
        initial is not null && final is not null && TensorMemory.Pointer(initial) == TensorMemory.Pointer(final);

    private void ConvUpdate(in ConvInputs inputs, Tensor y)
    {
        using DeviceGuard guard = OnDevice();
        var step = new ConvStep
        {
            Header = new StructHeader(sizeof(ConvStep)),
            DType = TypeOf(inputs.X.dtype),
            Flags = ConvSilu,
            Batch = inputs.Rows.Sequences,
            Channels = inputs.Weight.shape[0],
            KernelSize = inputs.Weight.shape[2],
            X = new MatrixPointer(inputs.X),
            Weight = TensorMemory.Pointer(inputs.Weight),
            Bias = TensorMemory.Pointer(inputs.Bias),
            Inputs = TensorMemory.Pointer(inputs.InitialInputs),
            Y = new MatrixPointer(y),
        };
        MambaCuda.Check(MambaCuda.mamba_conv_update(&step, Stream));
    }

    private void ScanUpdate(in ScanInputs inputs, Tensor y, bool accumulateY)
    {
        using DeviceGuard guard = OnDevice();
        var step = new ScanStep
        {
            Header = new StructHeader(sizeof(ScanStep)),
            DType = TypeOf(inputs.X.dtype),
            Flags = ScanSoftplus | (accumulateY ? ScanAccumulateY : 0),
            Batch = inputs.Rows.Sequences,
            Channels = inputs.A.shape[0],
            StateSize = inputs.A.shape[1],
            Groups = 1,
            X = new MatrixPointer(inputs.X),
            Dt = new MatrixPointer(inputs.Dt),
            B = new MatrixPointer(inputs.B),
            C = new MatrixPointer(inputs.C),
            Z = new MatrixPointer(inputs.Z),
            A = TensorMemory.Pointer(inputs.A),
            D = TensorMemory.Pointer(inputs.D),
            DtBias = TensorMemory.Pointer(inputs.DtBias),
            State = TensorMemory.Pointer(inputs.InitialState),
            Y = new MatrixPointer(y),
        };
        MambaCuda.Check(MambaCuda.mamba_scan_update(&step, Stream));
    }
}

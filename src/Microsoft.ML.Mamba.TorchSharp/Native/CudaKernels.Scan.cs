using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

internal sealed unsafe partial class CudaKernels
{
    private const uint ScanSoftplus = 1, ScanReverse = 2, ScanAccumulateY = 4;
    private const uint AccumulateZ = 16;

    public override Tensor NewBorderStates(in ScanInputs inputs)
    {
        using DeviceGuard guard = OnDevice();
        ScanProblem problem = Problem(inputs, 0);
        long bytes;
        MambaCuda.Check(MambaCuda.mamba_scan_border_size(&problem, &bytes));
        return Workspace(bytes);
    }

    public override void ScanForward(in ScanInputs inputs, Tensor y, bool accumulateY, Tensor? finalState, Tensor? borders)
    {
        if (inputs.Rows.AreSteps && borders is null && IsUpdate(inputs.InitialState, finalState))
        {
            ScanUpdate(inputs, y, accumulateY);
            return;
        }

        using DeviceGuard guard = OnDevice();
        ScanProblem problem = Problem(inputs, accumulateY ? ScanAccumulateY : 0);
        var outputs = new ScanOutputs
        {
            Header = new StructHeader(sizeof(ScanOutputs)),
            Y = new MatrixPointer(y),
            FinalState = TensorMemory.Pointer(finalState),
            BorderStates = TensorMemory.Pointer(borders),
        };
        long bytes;
        MambaCuda.Check(MambaCuda.mamba_scan_forward_workspace(&problem, &bytes));
        using Tensor workspace = Workspace(bytes);
        MambaCuda.Check(MambaCuda.mamba_scan_forward(&problem, &outputs, TensorMemory.Pointer(workspace), bytes, Stream));
    }

    public override void ScanBackward(in ScanInputs inputs, Tensor borders, in ScanGradients gradients)
    {
        using DeviceGuard guard = OnDevice();
        ScanProblem problem = Problem(inputs, 0);
        var pointers = new ScanGradientPointers
        {
            Header = new StructHeader(sizeof(ScanGradientPointers)),
            Accumulate = gradients.AccumulateZ ? AccumulateZ : 0,
            BorderStates = TensorMemory.Pointer(borders),
            GradY = new MatrixPointer(gradients.GradY),
            GradX = new MatrixPointer(gradients.GradX),
            GradDt = new MatrixPointer(gradients.GradDt),
            GradB = new MatrixPointer(gradients.GradB),
            GradC = new MatrixPointer(gradients.GradC),
            GradZ = new MatrixPointer(gradients.GradZ),
            GradA = TensorMemory.Pointer(gradients.GradA),
            GradD = TensorMemory.Pointer(gradients.GradD),
            GradDtBias = TensorMemory.Pointer(gradients.GradDtBias),
        };
        long bytes;
        MambaCuda.Check(MambaCuda.mamba_scan_backward_workspace(&problem, &bytes));
        using Tensor workspace = Workspace(bytes);
        MambaCuda.Check(MambaCuda.mamba_scan_backward(&problem, &pointers, TensorMemory.Pointer(workspace), bytes, Stream));
    }

    private static ScanProblem Problem(in ScanInputs inputs, uint flags) => new()
    {
        Header = new StructHeader(sizeof(ScanProblem)),
        DType = TypeOf(inputs.X.dtype),
        Flags = flags | ScanSoftplus | (inputs.Reverse ? ScanReverse : 0),
        Tokens = inputs.Rows.Tokens,
        Sequences = inputs.Rows.Sequences,
        Channels = inputs.A.shape[0],
        StateSize = inputs.A.shape[1],
        Groups = 1,
        MaxLength = inputs.Rows.MaxLength,
        Offsets = TensorMemory.Pointer(inputs.Rows.DeviceOffsets),
        X = new MatrixPointer(inputs.X),
        Dt = new MatrixPointer(inputs.Dt),
        B = new MatrixPointer(inputs.B),
        C = new MatrixPointer(inputs.C),
        Z = new MatrixPointer(inputs.Z),
        A = TensorMemory.Pointer(inputs.A),
        D = TensorMemory.Pointer(inputs.D),
        DtBias = TensorMemory.Pointer(inputs.DtBias),
        InitialState = TensorMemory.Pointer(inputs.InitialState),
    };
}

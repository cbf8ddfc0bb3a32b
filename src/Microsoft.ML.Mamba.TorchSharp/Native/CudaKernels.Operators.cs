using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

internal sealed unsafe partial class CudaKernels
{
    private const uint ConvSilu = 1, ConvReverse = 2, ConvAccumulateX = 4;

    public override void ConvForward(in ConvInputs inputs, Tensor y, Tensor? finalInputs)
    {
        if (inputs.Rows.AreSteps && IsUpdate(inputs.InitialInputs, finalInputs))
        {
            ConvUpdate(inputs, y);
            return;
        }

        using DeviceGuard guard = OnDevice();
        ConvProblem problem = Problem(inputs, 0);
        var outputs = new ConvOutputs { Header = new StructHeader(sizeof(ConvOutputs)), Y = new MatrixPointer(y), FinalInputs = TensorMemory.Pointer(finalInputs) };
        MambaCuda.Check(MambaCuda.mamba_conv_forward(&problem, &outputs, Stream));
    }

    public override void ConvBackward(in ConvInputs inputs, Tensor gradY, Tensor gradX, bool accumulateX, Tensor gradWeight, Tensor? gradBias)
    {
        using DeviceGuard guard = OnDevice();
        ConvProblem problem = Problem(inputs, accumulateX ? ConvAccumulateX : 0);
        var gradients = new ConvGradients
        {
            Header = new StructHeader(sizeof(ConvGradients)),
            GradY = new MatrixPointer(gradY),
            GradX = new MatrixPointer(gradX),
            GradWeight = TensorMemory.Pointer(gradWeight),
            GradBias = TensorMemory.Pointer(gradBias),
        };
        long bytes;
        MambaCuda.Check(MambaCuda.mamba_conv_backward_workspace(&problem, &bytes));
        using Tensor workspace = Workspace(bytes);
        MambaCuda.Check(MambaCuda.mamba_conv_backward(&problem, &gradients, TensorMemory.Pointer(workspace), bytes, Stream));
    }

    public override void NormForward(in NormInputs inputs, Tensor y, Tensor? sum, Tensor? inverseRms)
    {
        if (inputs.X is null && y.dtype != inputs.Residual!.dtype)
        {
            // Only the first block has no x: the kernel's y has x's type.
            using Tensor wide = empty_like(inputs.Residual);
            NormForward(inputs, wide, sum, inverseRms);
            y.copy_(wide);
            return;
        }

        using DeviceGuard guard = OnDevice();
        NormProblem problem = inputs.X is null ? Problem(inputs.Residual!, null, inputs, y.dtype) : Problem(inputs.X, inputs.Residual, inputs, y.dtype);
        var outputs = new NormOutputs
        {
            Header = new StructHeader(sizeof(NormOutputs)),
            Y = new MatrixPointer(y),
            Sum = new MatrixPointer(sum),
            InverseRms = TensorMemory.Pointer(inverseRms),
        };
        MambaCuda.Check(MambaCuda.mamba_norm_forward(&problem, &outputs, Stream));
    }

    public override void NormBackward(
        in NormInputs inputs, Tensor inverseRms, Tensor gradY, Tensor? gradSum, Tensor? gradX, Tensor? gradResidual, Tensor? gradWeight)
    {
        using DeviceGuard guard = OnDevice();
        NormProblem problem = Problem(inputs.X, inputs.Residual, inputs, gradY.dtype);
        var gradients = new NormGradients
        {
            Header = new StructHeader(sizeof(NormGradients)),
            InverseRms = TensorMemory.Pointer(inverseRms),
            GradY = new MatrixPointer(gradY),
            GradSum = new MatrixPointer(gradSum),
            GradX = new MatrixPointer(gradX),
            GradResidual = new MatrixPointer(gradResidual),
            GradWeight = TensorMemory.Pointer(gradWeight),
        };
        long bytes;
        MambaCuda.Check(MambaCuda.mamba_norm_backward_workspace(&problem, &bytes));
        using Tensor workspace = Workspace(bytes);
        MambaCuda.Check(MambaCuda.mamba_norm_backward(&problem, &gradients, TensorMemory.Pointer(workspace), bytes, Stream));
    }

    public override Tensor? PoolForward(PackedRows rows, MambaPooling kind, Tensor hidden, Tensor pooled)
    {
        using DeviceGuard guard = OnDevice();
        PoolProblem problem = Problem(rows, kind, hidden);
        Tensor? argMax = kind == MambaPooling.Max ? empty(rows.Sequences, hidden.shape[1], dtype: ScalarType.Int64, device: _device) : null;
        long bytes;
        MambaCuda.Check(MambaCuda.mamba_pool_forward_workspace(&problem, &bytes));
        using Tensor workspace = Workspace(bytes);
        MambaCuda.Check(MambaCuda.mamba_pool_forward(
            &problem, TensorMemory.Pointer(hidden), TensorMemory.Stride(hidden), TensorMemory.Pointer(pooled), TensorMemory.Pointer(argMax),
            TensorMemory.Pointer(workspace), bytes, Stream));
        return argMax;
    }

    public override void PoolBackward(PackedRows rows, MambaPooling kind, Tensor gradPooled, Tensor? argMax, Tensor gradHidden)
    {
        using DeviceGuard guard = OnDevice();
        PoolProblem problem = Problem(rows, kind, gradHidden);
        MambaCuda.Check(MambaCuda.mamba_pool_backward(
            &problem, TensorMemory.Pointer(gradPooled), TensorMemory.Pointer(argMax), TensorMemory.Pointer(gradHidden), TensorMemory.Stride(gradHidden), Stream));
    }

    private static ConvProblem Problem(in ConvInputs inputs, uint flags) => new()
    {
        Header = new StructHeader(sizeof(ConvProblem)),
        DType = TypeOf(inputs.X.dtype),
        Flags = flags | ConvSilu | (inputs.Reverse ? ConvReverse : 0),
        Tokens = inputs.Rows.Tokens,
        Sequences = inputs.Rows.Sequences,
        Channels = inputs.Weight.shape[0],
        KernelSize = inputs.Weight.shape[2],
        Offsets = TensorMemory.Pointer(inputs.Rows.DeviceOffsets),
        X = new MatrixPointer(inputs.X),
        Weight = TensorMemory.Pointer(inputs.Weight),
        Bias = TensorMemory.Pointer(inputs.Bias),
        InitialInputs = TensorMemory.Pointer(inputs.InitialInputs),
    };

    private static NormProblem Problem(Tensor? x, Tensor? residual, in NormInputs inputs, ScalarType type) => new()
    {
        Header = new StructHeader(sizeof(NormProblem)),
        DType = TypeOf(type),
        ResidualDType = TypeOf(ScalarType.Float32),
        Rows = (x ?? residual)!.shape[0],
        Channels = (x ?? residual)!.shape[1],
        X = new MatrixPointer(x),
        Residual = new MatrixPointer(residual),
        Weight = TensorMemory.Pointer(inputs.Weight),
        Epsilon = inputs.Epsilon,
    };

    private static PoolProblem Problem(PackedRows rows, MambaPooling kind, Tensor hidden) => new()
    {
        Header = new StructHeader(sizeof(PoolProblem)),
        DType = TypeOf(hidden.dtype),
        Kind = (int)kind,
        Tokens = rows.Tokens,
        Sequences = rows.Sequences,
        Channels = hidden.shape[1],
        Offsets = TensorMemory.Pointer(rows.DeviceOffsets),
    };
}

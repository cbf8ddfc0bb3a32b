using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Kernels;

/// <summary>The CPU engine's kernels over tensors in main memory; float32 only.</summary>
internal class ManagedKernels : FusedKernels
{
    private const int LargestRange = 1 << 30;
    private static readonly CpuParallel s_parallel = CpuParallel.Shared;

    public override ScalarType ElementType => ScalarType.Float32;

    public override void ConvForward(in ConvInputs inputs, Tensor y, Tensor? finalInputs)
    {
        CausalConv1dArguments arguments = Arguments(inputs);
        using var workspace = new Scratch(CausalConv1d.ForwardWorkspaceSize(inputs.Rows.Tokens, inputs.Rows.Sequences, arguments.Channels, arguments.KernelSize));
        var outputs = new CausalConv1dOutputs { Y = TensorMemory.Floats(y), FinalInputs = TensorMemory.Floats(finalInputs) };
        CausalConv1d.Forward(arguments, outputs, workspace.Floats, s_parallel);
    }

    public override void ConvBackward(in ConvInputs inputs, Tensor gradY, Tensor gradX, bool accumulateX, Tensor gradWeight, Tensor? gradBias)
    {
        CausalConv1dArguments arguments = Arguments(inputs);
        using var workspace = new Scratch(CausalConv1d.BackwardWorkspaceSize(inputs.Rows.Tokens, inputs.Rows.Sequences, arguments.Channels, arguments.KernelSize));
        var gradients = new CausalConv1dGradients
        {
            GradY = TensorMemory.Floats(gradY),
            GradX = TensorMemory.Floats(gradX),
            GradXStride = TensorMemory.Stride(gradX),
            AccumulateX = accumulateX,
            GradWeight = TensorMemory.Floats(gradWeight),
            GradBias = TensorMemory.Floats(gradBias),
        };
        CausalConv1d.Backward(arguments, gradients, workspace.Floats, s_parallel);
    }

    public override Tensor NewBorderStates(in ScanInputs inputs) =>
        empty(SelectiveScan.BorderStateSize(inputs.Rows.Tokens, (int)inputs.X.shape[1], (int)inputs.A.shape[1], 1), dtype: ScalarType.Float32);

    public override void ScanForward(in ScanInputs inputs, Tensor y, bool accumulateY, Tensor? finalState, Tensor? borders)
    {
        SelectiveScanArguments arguments = Arguments(inputs);
        using var workspace = new Scratch(
            SelectiveScan.ForwardWorkspaceSize(inputs.Rows.Tokens, inputs.Rows.Sequences, arguments.Channels, arguments.StateSize, 1));
        var outputs = new SelectiveScanOutputs
        {
            Y = TensorMemory.Floats(y),
            AccumulateY = accumulateY,
            FinalState = TensorMemory.Floats(finalState),
            BorderStates = TensorMemory.Floats(borders),
        };
        SelectiveScan.Forward(arguments, outputs, workspace.Floats, s_parallel);
    }

    public override void ScanBackward(in ScanInputs inputs, Tensor borders, in ScanGradients gradients)
    {
        SelectiveScanArguments arguments = Arguments(inputs);
        using var workspace = new Scratch(
            SelectiveScan.BackwardWorkspaceSize(inputs.Rows.Tokens, inputs.Rows.Sequences, arguments.Channels, arguments.StateSize, 1));
        var spans = new SelectiveScanGradients
        {
            GradY = TensorMemory.Floats(gradients.GradY),
            GradX = TensorMemory.Floats(gradients.GradX),
            GradDt = TensorMemory.Floats(gradients.GradDt),
            GradB = TensorMemory.Floats(gradients.GradB),
            GradBStride = TensorMemory.Stride(gradients.GradB),
            GradC = TensorMemory.Floats(gradients.GradC),
            GradCStride = TensorMemory.Stride(gradients.GradC),
            GradZ = TensorMemory.Floats(gradients.GradZ),
            GradZStride = TensorMemory.Stride(gradients.GradZ),
            AccumulateZ = gradients.AccumulateZ,
            GradA = TensorMemory.Floats(gradients.GradA),
            GradD = TensorMemory.Floats(gradients.GradD),
            GradDtBias = TensorMemory.Floats(gradients.GradDtBias),
        };
        SelectiveScan.Backward(arguments, TensorMemory.Floats(borders), spans, workspace.Floats, s_parallel);
    }

    public override void NormForward(in NormInputs inputs, Tensor y, Tensor? sum, Tensor? inverseRms)
    {
        Tensor source = inputs.X ?? inputs.Residual!;
        if (inputs.X is not null && inputs.Residual is not null)
        {
            Tensor total = sum ?? y;
            total.copy_(inputs.Residual).add_(inputs.X);
            source = total;
        }

        (int rows, int channels) = ((int)source.shape[0], (int)source.shape[1]);
        RmsNorm.Forward(
            rows, channels, TensorMemory.Floats(source), TensorMemory.Stride(source), TensorMemory.Floats(inputs.Weight), inputs.Epsilon, TensorMemory.Floats(y),
            TensorMemory.Stride(y), TensorMemory.Floats(inverseRms), s_parallel);
    }

    public override void NormBackward(
        in NormInputs inputs, Tensor inverseRms, Tensor gradY, Tensor? gradSum, Tensor? gradX, Tensor? gradResidual, Tensor? gradWeight)
    {
        Tensor source = inputs.X ?? inputs.Residual!, gradient = gradResidual ?? gradX!;
        (int rows, int channels) = ((int)source.shape[0], (int)source.shape[1]);
        using var workspace = new Scratch(RmsNorm.BackwardWorkspaceSize(rows, channels, inputs.Weight is not null));
        if (gradSum is not null)
            gradient.copy_(gradSum);
        RmsNorm.Backward(
            rows, channels, TensorMemory.Floats(source), TensorMemory.Stride(source), TensorMemory.Floats(inputs.Weight), TensorMemory.Floats(inverseRms),
            TensorMemory.Floats(gradY), TensorMemory.Stride(gradY), TensorMemory.Floats(gradient), TensorMemory.Stride(gradient), gradSum is not null,
            TensorMemory.Floats(gradWeight), workspace.Floats, s_parallel);
        if (gradX is not null && !ReferenceEquals(gradX, gradient))
            gradX.copy_(gradient);
    }

    public override Tensor? PoolForward(PackedRows rows, MambaPooling kind, Tensor hidden, Tensor pooled)
    {
        int channels = (int)hidden.shape[1];
        Tensor? argMax = kind == MambaPooling.Max ? empty(rows.Sequences, channels, dtype: ScalarType.Int32) : null;
        Pooling.Forward(
            kind, channels, TensorMemory.Floats(hidden), TensorMemory.Stride(hidden), rows.Offsets, default, TensorMemory.Floats(pooled),
            argMax is null ? default : TensorMemory.Elements<int>(argMax), default, s_parallel);
        return argMax;
    }

    public override void PoolBackward(PackedRows rows, MambaPooling kind, Tensor gradPooled, Tensor? argMax, Tensor gradHidden)
    {
        int channels = (int)gradHidden.shape[1];
        Pooling.Backward(
            kind, channels, default, channels, rows.Offsets, default, argMax is null ? default : TensorMemory.Elements<int>(argMax), default,
            TensorMemory.Floats(gradPooled), TensorMemory.Floats(gradHidden), channels, default, default, s_parallel);
    }

    public override void Dropout(Tensor x, Tensor y, float probability, DropoutKey key)
    {
        (int rows, int channels) = ((int)x.shape[0], (int)x.shape[1]);
        Cpu.Kernels.Dropout.Apply(
            rows, channels, TensorMemory.Floats(x), TensorMemory.Stride(x), TensorMemory.Floats(y), TensorMemory.Stride(y), accumulate: false, probability, key,
            s_parallel);
    }

    public override void AddRows(Tensor gradTable, ReadOnlySpan<int> ids, Tensor gradRows)
    {
        int channels = (int)gradTable.shape[1];
        Embedding.Backward(channels, ids, TensorMemory.Floats(gradRows), TensorMemory.Stride(gradRows), TensorMemory.Floats(gradTable), s_parallel);
    }

    public override Tensor Norm(Tensor values)
    {
        double square = 0;
        for (long start = 0; start < values.numel(); start += LargestRange)
        {
            double norm = GradientNorm.Compute(TensorMemory.Floats(values, start, LargestRange), s_parallel);
            square += norm * norm;
        }

        return tensor(Math.Sqrt(square), dtype: ScalarType.Float64);
    }

    public override void AdamW(in AdamWSettings settings, in AdamWTensors tensors)
    {
        for (long start = 0; start < tensors.Parameters.numel(); start += LargestRange)
        {
            Span<float> parameters = TensorMemory.Floats(tensors.Parameters, start, LargestRange);
            var decayed = new ParameterRange(0, (int)Math.Clamp(tensors.Decaying - start, 0, parameters.Length));
            Cpu.Kernels.AdamW.Step(
                settings, parameters, TensorMemory.Floats(tensors.Gradients, start, LargestRange), TensorMemory.Floats(tensors.First, start, LargestRange),
                TensorMemory.Floats(tensors.Second, start, LargestRange), new ReadOnlySpan<ParameterRange>(in decayed), s_parallel);
        }
    }

    private static CausalConv1dArguments Arguments(in ConvInputs inputs) => new()
    {
        Channels = (int)inputs.Weight.shape[0],
        KernelSize = (int)inputs.Weight.shape[2],
        Offsets = inputs.Rows.Offsets,
        X = TensorMemory.Floats(inputs.X),
        XStride = TensorMemory.Stride(inputs.X),
        Weight = TensorMemory.Floats(inputs.Weight),
        Bias = TensorMemory.Floats(inputs.Bias),
        Silu = true,
        InitialInputs = TensorMemory.Floats(inputs.InitialInputs),
        Reverse = inputs.Reverse,
    };

    private static SelectiveScanArguments Arguments(in ScanInputs inputs) => new()
    {
        Channels = (int)inputs.A.shape[0],
        StateSize = (int)inputs.A.shape[1],
        Offsets = inputs.Rows.Offsets,
        X = TensorMemory.Floats(inputs.X),
        XStride = TensorMemory.Stride(inputs.X),
        Dt = TensorMemory.Floats(inputs.Dt),
        DtStride = TensorMemory.Stride(inputs.Dt),
        DtBias = TensorMemory.Floats(inputs.DtBias),
        Softplus = true,
        A = TensorMemory.Floats(inputs.A),
        B = TensorMemory.Floats(inputs.B),
        BStride = TensorMemory.Stride(inputs.B),
        C = TensorMemory.Floats(inputs.C),
        CStride = TensorMemory.Stride(inputs.C),
        D = TensorMemory.Floats(inputs.D),
        Z = TensorMemory.Floats(inputs.Z),
        ZStride = TensorMemory.Stride(inputs.Z),
        InitialState = TensorMemory.Floats(inputs.InitialState),
        Reverse = inputs.Reverse,
    };

    /// <summary>A kernel's workspace, in memory of torch's allocator.</summary>
    private readonly struct Scratch(int floats) : IDisposable
    {
        private readonly Tensor _memory = empty(floats, dtype: ScalarType.Float32);

        public Span<float> Floats => TensorMemory.Floats(_memory);

        public void Dispose() => _memory.Dispose();
    }
}

using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>Inputs of one convolution, and runs of the kernel on them that check that all outputs are written and nothing else. Results are dense.</summary>
internal sealed class ConvCase
{
    public required int Channels { get; init; }

    public required int KernelSize { get; init; }

    public required int[] Offsets { get; init; }

    public int Gap { get; init; }

    public bool Silu { get; init; }

    public bool Reverse { get; init; }

    public float[] X { get; set; } = [];

    public float[] Weight { get; init; } = [];

    public float[] Bias { get; init; } = [];

    public float[] InitialInputs { get; init; } = [];

    public int Tokens => Offsets[^1];

    public int Sequences => Offsets.Length - 1;

    public int Stride => Channels + Gap;

    public int InputsLength => Sequences * (KernelSize - 1) * Channels;

    public CausalConv1dArguments Arguments => new()
    {
        Channels = Channels,
        KernelSize = KernelSize,
        Offsets = Offsets,
        X = X,
        XStride = Stride,
        Weight = Weight,
        Bias = Bias,
        Silu = Silu,
        InitialInputs = InitialInputs,
        Reverse = Reverse,
    };

    public static ConvCase Random(int seed, int[] lengths, int channels, int kernelSize, bool all = true, bool initial = false, bool reverse = false, int gap = 0)
    {
        var random = new Random(seed);
        int[] offsets = KernelRandom.OffsetsOf(lengths);
        return new ConvCase
        {
            Channels = channels,
            KernelSize = kernelSize,
            Offsets = offsets,
            Gap = gap,
            Silu = all,
            Reverse = reverse,
            X = KernelRandom.Rows(random, offsets[^1], channels + gap, channels, -3, 3),
            Weight = KernelRandom.Uniform(random, channels * kernelSize),
            Bias = all ? KernelRandom.Uniform(random, channels) : [],
            InitialInputs = initial ? KernelRandom.Uniform(random, lengths.Length * (kernelSize - 1) * channels) : [],
        };
    }

    public ConvCase Slice(int first, int end, float[] initialInputs)
    {
        return new ConvCase
        {
            Channels = Channels,
            KernelSize = KernelSize,
            Offsets = [0, end - first],
            Gap = Gap,
            Silu = Silu,
            Reverse = Reverse,
            X = X[(first * Stride)..(end * Stride)],
            Weight = Weight,
            Bias = Bias,
            InitialInputs = initialInputs,
        };
    }

    public float[] InitialInputsOf(int sequence)
    {
        int size = (KernelSize - 1) * Channels;
        return InitialInputs.Length == 0 ? [] : InitialInputs[(sequence * size)..((sequence + 1) * size)];
    }

    public (float[] Y, float[] FinalInputs) Forward(int? bits = null, CpuParallel? parallel = null)
    {
        Guarded y = new(Tokens * Stride), final = new(InputsLength);
        var workspace = new Guarded(CausalConv1d.ForwardWorkspaceSize(Tokens, Sequences, Channels, KernelSize));
        var outputs = new CausalConv1dOutputs { Y = y.Span, YStride = Stride, FinalInputs = final.Span };
        CausalConv1d.Forward(Arguments, outputs, workspace.Span, parallel ?? ScanRun.OneThread, bits ?? SimdWidth.Bits);
        workspace.CheckGuard("workspace");
        return (y.Rows("Y", Tokens, Stride, Channels), final.All("FinalInputs"));
    }

    public (float[] X, float[] Weight, float[] Bias) Backward(float[] gradY, int? bits = null, CpuParallel? parallel = null)
    {
        Guarded x = new(Tokens * Stride), weight = new(Weight.Length), bias = new(Bias.Length);
        weight.Span.Clear();
        bias.Span.Clear();
        var workspace = new Guarded(CausalConv1d.BackwardWorkspaceSize(Tokens, Sequences, Channels, KernelSize));
        var gradients = new CausalConv1dGradients { GradY = gradY, GradX = x.Span, GradXStride = Stride, GradWeight = weight.Span, GradBias = bias.Span };
        CausalConv1d.Backward(Arguments, gradients, workspace.Span, parallel ?? ScanRun.OneThread, bits ?? SimdWidth.Bits);
        workspace.CheckGuard("workspace");
        return (x.Rows("GradX", Tokens, Stride, Channels), weight.All("GradWeight"), bias.All("GradBias"));
    }
}

using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Operators;

/// <summary>The causal convolution with bias and SiLU.</summary>
internal static class ConvCases
{
    public static OperatorCase Forward(int tokens, int sequences, int channels, int kernel = 4) => new(
        "conv1d forward",
        $"T {tokens} ({sequences} seq), {channels} ch, K {kernel}",
        2.0 * kernel * tokens * channels,
        sizeof(float) * 2.0 * tokens * channels,
        (double)tokens * channels,
        parallel =>
        {
            int[] offsets = Buffers.Offsets(tokens, sequences);
            float[] x = Buffers.Random((long)tokens * channels, 1), weight = Buffers.Random(channels * kernel, 2), bias = Buffers.Random(channels, 3);
            var y = new float[(long)tokens * channels];
            var workspace = new float[CausalConv1d.ForwardWorkspaceSize(tokens, sequences, channels, kernel)];
            return () => CausalConv1d.Forward(
                new CausalConv1dArguments { Channels = channels, KernelSize = kernel, Offsets = offsets, X = x, Weight = weight, Bias = bias, Silu = true },
                new CausalConv1dOutputs { Y = y }, workspace, parallel);
        });

    public static OperatorCase Backward(int tokens, int sequences, int channels, int kernel = 4) => new(
        "conv1d backward",
        $"T {tokens} ({sequences} seq), {channels} ch, K {kernel}",
        6.0 * kernel * tokens * channels,
        sizeof(float) * 3.0 * tokens * channels,
        (double)tokens * channels,
        parallel =>
        {
            int[] offsets = Buffers.Offsets(tokens, sequences);
            float[] x = Buffers.Random((long)tokens * channels, 1), weight = Buffers.Random(channels * kernel, 2), bias = Buffers.Random(channels, 3);
            float[] gradY = Buffers.Random((long)tokens * channels, 4), gradX = new float[(long)tokens * channels];
            float[] gradWeight = new float[channels * kernel], gradBias = new float[channels];
            var workspace = new float[CausalConv1d.BackwardWorkspaceSize(tokens, sequences, channels, kernel)];
            return () => CausalConv1d.Backward(
                new CausalConv1dArguments { Channels = channels, KernelSize = kernel, Offsets = offsets, X = x, Weight = weight, Bias = bias, Silu = true },
                new CausalConv1dGradients { GradY = gradY, GradX = gradX, GradWeight = gradWeight, GradBias = gradBias }, workspace, parallel);
        });
}

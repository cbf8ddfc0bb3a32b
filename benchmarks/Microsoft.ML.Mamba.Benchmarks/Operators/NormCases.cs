using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Operators;

internal static class NormCases
{
    public static OperatorCase Forward(int rows, int channels) => new(
        "rms norm forward",
        $"{rows} x {channels}",
        4.0 * rows * channels,
        sizeof(float) * 2.0 * rows * channels,
        0,
        parallel =>
        {
            float[] x = Buffers.Random((long)rows * channels, 1), weight = Buffers.Random(channels, 2), y = new float[x.Length], inverse = new float[rows];
            return () => RmsNorm.Forward(rows, channels, x, channels, weight, 1e-5f, y, channels, inverse, parallel);
        });

    public static OperatorCase Backward(int rows, int channels) => new(
        "rms norm backward",
        $"{rows} x {channels}",
        8.0 * rows * channels,
        sizeof(float) * 4.0 * rows * channels,
        0,
        parallel =>
        {
            float[] x = Buffers.Random((long)rows * channels, 1), weight = Buffers.Random(channels, 2), y = new float[x.Length], inverse = new float[rows];
            float[] gradY = Buffers.Random(x.Length, 3), gradX = new float[x.Length], gradWeight = new float[channels];
            var workspace = new float[RmsNorm.BackwardWorkspaceSize(rows, channels, hasWeight: true)];
            RmsNorm.Forward(rows, channels, x, channels, weight, 1e-5f, y, channels, inverse, parallel);
            // The gradient joins the residual stream's.
            return () => RmsNorm.Backward(
                rows, channels, x, channels, weight, inverse, gradY, channels, gradX, channels, accumulateGradX: true, gradWeight, workspace, parallel);
        });
}

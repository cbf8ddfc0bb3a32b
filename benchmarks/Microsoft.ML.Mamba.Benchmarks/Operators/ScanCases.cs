using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Operators;

/// <summary>The selective scan with D, bias, softplus and, unless it is one of two directions, the gate.</summary>
internal static class ScanCases
{
    public static OperatorCase Forward(int tokens, int sequences, int channels, int state, bool gated = true) => new(
        "scan forward",
        Shape(tokens, sequences, channels, state),
        // A state update is delta A, aBar h + (delta x) B and y += C h: three multiply-adds' worth.
        6.0 * tokens * channels * state,
        sizeof(float) * ((double)tokens * channels * (gated ? 4 : 3) + 2.0 * tokens * state),
        (double)tokens * channels * state,
        parallel =>
        {
            var data = new ScanData(tokens, sequences, channels, state, gated);
            var workspace = new float[SelectiveScan.ForwardWorkspaceSize(tokens, sequences, channels, state, 1)];
            var y = new float[(long)tokens * channels];
            return () => SelectiveScan.Forward(data.Arguments, new SelectiveScanOutputs { Y = y, BorderStates = data.Borders }, workspace, parallel);
        });

    public static OperatorCase Backward(int tokens, int sequences, int channels, int state, bool gated = true) => new(
        "scan backward",
        Shape(tokens, sequences, channels, state),
        // The forward pass again, then six multiply-adds a state: gradH, gradA, gradB, gradC, gradX and gradDelta.
        18.0 * tokens * channels * state,
        sizeof(float) * ((double)tokens * channels * (gated ? 7 : 5) + 4.0 * tokens * state),
        (double)tokens * channels * state,
        parallel =>
        {
            var data = new ScanData(tokens, sequences, channels, state, gated);
            long size = (long)tokens * channels;
            float[] gradY = Buffers.Random(size, 9), gradX = new float[size], gradDt = new float[size], gradZ = new float[gated ? size : 0];
            float[] gradB = new float[tokens * state], gradC = new float[tokens * state];
            float[] gradA = new float[channels * state], gradD = new float[channels], gradBias = new float[channels];
            var workspace = new float[Math.Max(
                SelectiveScan.ForwardWorkspaceSize(tokens, sequences, channels, state, 1),
                SelectiveScan.BackwardWorkspaceSize(tokens, sequences, channels, state, 1))];
            SelectiveScan.Forward(data.Arguments, new SelectiveScanOutputs { Y = new float[size], BorderStates = data.Borders }, workspace, parallel);
            return () => SelectiveScan.Backward(
                data.Arguments,
                data.Borders,
                new SelectiveScanGradients
                {
                    GradY = gradY, GradX = gradX, GradDt = gradDt, GradZ = gradZ, GradB = gradB, GradC = gradC, GradA = gradA, GradD = gradD, GradDtBias = gradBias,
                },
                workspace,
                parallel);
        });

    private static string Shape(int tokens, int sequences, int channels, int state) => $"T {tokens} ({sequences} seq), {channels} ch, N {state}";

    private sealed class ScanData(int tokens, int sequences, int channels, int state, bool gated)
    {
        private readonly int[] _offsets = Buffers.Offsets(tokens, sequences);
        private readonly float[] _x = Buffers.Random((long)tokens * channels, 1);
        private readonly float[] _dt = Buffers.Random((long)tokens * channels, 2);
        private readonly float[] _bias = Buffers.Random(channels, 3, 0.5f, -4f);
        private readonly float[] _a = Buffers.Random(channels * state, 4, 8f, -8.1f);
        private readonly float[] _b = Buffers.Random((long)tokens * state, 5);
        private readonly float[] _c = Buffers.Random((long)tokens * state, 6);
        private readonly float[] _d = Buffers.Random(channels, 7);
        private readonly float[] _z = gated ? Buffers.Random((long)tokens * channels, 8) : [];

        public float[] Borders { get; } = new float[SelectiveScan.BorderStateSize(tokens, channels, state, 1)];

        public SelectiveScanArguments Arguments => new()
        {
            Channels = channels, StateSize = state, Offsets = _offsets, X = _x, Dt = _dt, DtBias = _bias, Softplus = true, A = _a, B = _b, C = _c, D = _d, Z = _z,
        };
    }
}

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>The selective scan in double precision, one channel, token and state after another. Results are dense.</summary>
internal sealed class SelectiveScanReference
{
    private readonly ScanCase _case;

    public SelectiveScanReference(ScanCase scan)
    {
        _case = scan;
        X = Dense(scan.X, scan.ChannelStride, scan.Channels);
        Dt = Dense(scan.Dt, scan.ChannelStride, scan.Channels);
        B = Dense(scan.B, scan.GroupStride, scan.GroupWidth);
        C = Dense(scan.C, scan.GroupStride, scan.GroupWidth);
        Z = scan.Z.Length == 0 ? [] : Dense(scan.Z, scan.ChannelStride, scan.Channels);
        A = KernelRandom.Widen(scan.A);
        D = KernelRandom.Widen(scan.D);
        DtBias = KernelRandom.Widen(scan.DtBias);
        InitialState = scan.InitialState.Length == 0 ? new double[scan.StateLength] : KernelRandom.Widen(scan.InitialState);
    }

    public double[] X { get; }

    public double[] Dt { get; }

    public double[] B { get; }

    public double[] C { get; }

    public double[] Z { get; }

    public double[] A { get; }

    public double[] D { get; }

    public double[] DtBias { get; }

    public double[] InitialState { get; }

    public (double[] Y, double[] FinalState) Forward()
    {
        var y = new double[_case.Tokens * _case.Channels];
        var final = (double[])InitialState.Clone();
        ForEachChannel((sequence, channel) =>
        {
            int n = _case.State, group = GroupOf(channel), at = StateAt(sequence, channel);
            foreach (int t in TokensOf(sequence))
            {
                int i = (t * _case.Channels) + channel;
                double delta = Delta(t, channel), sum = Skip(channel) * X[i];
                for (int k = 0; k < n; k++)
                {
                    int g = (t * _case.GroupWidth) + (group * n) + k;
                    final[at + k] = (Math.Exp(delta * A[(channel * n) + k]) * final[at + k]) + (delta * B[g] * X[i]);
                    sum += C[g] * final[at + k];
                }

                y[i] = Z.Length == 0 ? sum : sum * Z[i] * Sigmoid(Z[i]);
            }
        });
        return (y, final);
    }

    public ScanReferenceGradients Backward(double[] gradY, double[]? gradFinalState)
    {
        var gradients = new ScanReferenceGradients(this);
        ForEachChannel((sequence, channel) => BackwardChannel(sequence, channel, gradY, gradFinalState, gradients));
        return gradients;
    }

    private void BackwardChannel(int sequence, int channel, double[] gradY, double[]? gradFinal, ScanReferenceGradients to)
    {
        int n = _case.State, group = GroupOf(channel), at = StateAt(sequence, channel);
        int[] tokens = TokensOf(sequence).ToArray();
        var h = new double[tokens.Length + 1, n];
        for (int k = 0; k < n; k++)
        {
            h[0, k] = InitialState[at + k];
            to.InitialState[at + k] = gradFinal is null ? 0 : gradFinal[at + k];
            for (int step = 0; step < tokens.Length; step++)
            {
                double delta = Delta(tokens[step], channel);
                h[step + 1, k] = (Math.Exp(delta * A[(channel * n) + k]) * h[step, k])
                    + (delta * B[(tokens[step] * _case.GroupWidth) + (group * n) + k] * X[(tokens[step] * _case.Channels) + channel]);
            }
        }

        for (int step = tokens.Length - 1; step >= 0; step--)
        {
            int i = (tokens[step] * _case.Channels) + channel;
            double delta = Delta(tokens[step], channel), y = Skip(channel) * X[i], gy = gradY[i], gradDelta = 0;
            for (int k = 0; k < n; k++)
                y += C[(tokens[step] * _case.GroupWidth) + (group * n) + k] * h[step + 1, k];
            if (Z.Length > 0)
            {
                double s = Sigmoid(Z[i]);
                to.Z[i] += gy * y * s * (1 + (Z[i] * (1 - s)));
                gy *= Z[i] * s;
            }

            to.X[i] += Skip(channel) * gy;
            if (D.Length > 0)
                to.D[channel] += gy * X[i];
            for (int k = 0; k < n; k++)
            {
                int g = (tokens[step] * _case.GroupWidth) + (group * n) + k, a = (channel * n) + k;
                double decay = Math.Exp(delta * A[a]), gradH = to.InitialState[at + k] + (gy * C[g]);
                to.C[g] += gy * h[step + 1, k];
                to.B[g] += gradH * delta * X[i];
                to.X[i] += gradH * delta * B[g];
                to.A[a] += gradH * decay * h[step, k] * delta;
                gradDelta += gradH * ((decay * h[step, k] * A[a]) + (B[g] * X[i]));
                to.InitialState[at + k] = gradH * decay;
            }

            double gradDt = _case.Softplus ? gradDelta * Sigmoid(BiasedDt(tokens[step], channel)) : gradDelta;
            to.Dt[i] += gradDt;
            if (DtBias.Length > 0)
                to.DtBias[channel] += gradDt;
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private double[] Dense(float[] rows, int stride, int width) => KernelRandom.Widen(KernelRandom.Dense(rows, _case.Tokens, stride, width));

    private void ForEachChannel(Action<int, int> action)
    {
        for (int sequence = 0; sequence < _case.Sequences; sequence++)
        {
            for (int channel = 0; channel < _case.Channels; channel++)
                action(sequence, channel);
        }
    }

    private IEnumerable<int> TokensOf(int sequence)
    {
        IEnumerable<int> tokens = Enumerable.Range(_case.Offsets[sequence], _case.Offsets[sequence + 1] - _case.Offsets[sequence]);
        return _case.Reverse ? tokens.Reverse() : tokens;
    }

    private int GroupOf(int channel) => channel / (_case.Channels / _case.Groups);

    private int StateAt(int sequence, int channel) => ((sequence * _case.Channels) + channel) * _case.State;

    private double Skip(int channel) => D.Length == 0 ? 0 : D[channel];

    private double BiasedDt(int t, int channel) => Dt[(t * _case.Channels) + channel] + (DtBias.Length == 0 ? 0 : DtBias[channel]);

    private double Delta(int t, int channel)
    {
        double dt = BiasedDt(t, channel);
        return _case.Softplus ? Math.Max(dt, 0) + Math.Log(1 + Math.Exp(-Math.Abs(dt))) : dt;
    }
}

/// <summary>Gradients of all inputs, dense.</summary>
internal sealed class ScanReferenceGradients(SelectiveScanReference of)
{
    public double[] X { get; } = new double[of.X.Length];

    public double[] Dt { get; } = new double[of.Dt.Length];

    public double[] B { get; } = new double[of.B.Length];

    public double[] C { get; } = new double[of.C.Length];

    public double[] Z { get; } = new double[of.Z.Length];

    public double[] A { get; } = new double[of.A.Length];

    public double[] D { get; } = new double[of.D.Length];

    public double[] DtBias { get; } = new double[of.DtBias.Length];

    public double[] InitialState { get; } = new double[of.InitialState.Length];
}

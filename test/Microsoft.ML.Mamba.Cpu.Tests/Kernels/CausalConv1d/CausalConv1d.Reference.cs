namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>The causal convolution in double precision, output by output. Results are dense.</summary>
internal sealed class CausalConv1dReference
{
    private readonly ConvCase _case;

    public CausalConv1dReference(ConvCase conv)
    {
        _case = conv;
        X = KernelRandom.Widen(KernelRandom.Dense(conv.X, conv.Tokens, conv.Stride, conv.Channels));
        Weight = KernelRandom.Widen(conv.Weight);
        Bias = KernelRandom.Widen(conv.Bias);
    }

    public double[] X { get; }

    public double[] Weight { get; }

    public double[] Bias { get; }

    public (double[] Y, double[] FinalInputs) Forward()
    {
        int back = _case.KernelSize - 1;
        double[] y = new double[X.Length], final = new double[_case.InputsLength];
        for (int s = 0; s < _case.Sequences; s++)
        {
            for (int c = 0; c < _case.Channels; c++)
            {
                for (int step = 0; step < LengthOf(s); step++)
                {
                    double sum = Sum(s, c, step);
                    y[IndexOf(s, c, step)] = _case.Silu ? sum / (1 + Math.Exp(-sum)) : sum;
                }

                for (int j = 0; j < back; j++)
                    final[(((s * back) + j) * _case.Channels) + c] = Input(s, c, LengthOf(s) - back + j);
            }
        }

        return (y, final);
    }

    public (double[] X, double[] Weight, double[] Bias) Backward(double[] gradY)
    {
        double[] gradX = new double[X.Length], gradWeight = new double[Weight.Length], gradBias = new double[Bias.Length];
        for (int s = 0; s < _case.Sequences; s++)
        {
            for (int c = 0; c < _case.Channels; c++)
            {
                for (int step = 0; step < LengthOf(s); step++)
                {
                    double g = gradY[IndexOf(s, c, step)];
                    if (_case.Silu)
                    {
                        double sum = Sum(s, c, step), sigmoid = 1 / (1 + Math.Exp(-sum));
                        g *= sigmoid * (1 + (sum * (1 - sigmoid)));
                    }

                    if (gradBias.Length > 0)
                        gradBias[c] += g;
                    for (int j = 0; j < _case.KernelSize; j++)
                    {
                        int from = step - _case.KernelSize + 1 + j;
                        gradWeight[(c * _case.KernelSize) + j] += g * Input(s, c, from);
                        if (from >= 0)
                            gradX[IndexOf(s, c, from)] += g * Weight[(c * _case.KernelSize) + j];
                    }
                }
            }
        }

        return (gradX, gradWeight, gradBias);
    }

    private double Sum(int s, int c, int step)
    {
        double sum = Bias.Length == 0 ? 0 : Bias[c];
        for (int j = 0; j < _case.KernelSize; j++)
            sum += Weight[(c * _case.KernelSize) + j] * Input(s, c, step - _case.KernelSize + 1 + j);
        return sum;
    }

    private double Input(int s, int c, int step)
    {
        int back = _case.KernelSize - 1;
        if (step >= 0)
            return X[IndexOf(s, c, step)];
        return _case.InitialInputs.Length == 0 ? 0 : _case.InitialInputs[(((s * back) + back + step) * _case.Channels) + c];
    }

    private int LengthOf(int s) => _case.Offsets[s + 1] - _case.Offsets[s];

    private int IndexOf(int s, int c, int step)
    {
        int token = _case.Reverse ? _case.Offsets[s + 1] - 1 - step : _case.Offsets[s] + step;
        return (token * _case.Channels) + c;
    }
}

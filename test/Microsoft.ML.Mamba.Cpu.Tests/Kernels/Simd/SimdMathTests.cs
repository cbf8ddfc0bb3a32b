using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public unsafe class SimdMathTests
{
    private static readonly float[] s_special =
        [0f, -0f, 1f, -1f, 1e-38f, -1e-38f, 1e-45f, 88.7f, 88.73f, 89f, -87.3f, -87.4f, -100f, -103.9f, -104.1f, 1e30f, -1e30f, float.MaxValue, float.MinValue];

    private enum Function
    {
        Exp,
        Log,
        Softplus,
        Sigmoid,
        Silu,
        SiluDerivative,
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Exp_MatchesReference(int bits) => CheckRelative(Function.Exp, bits, Spread(-106, 90), Math.Exp);

    [Theory]
    [ClassData(typeof(Widths))]
    public void Log_MatchesReference(int bits)
    {
        float[] inputs = [.. Spread(-100, 88).Select(x => (float)Math.Exp(x)).Where(x => x > 0), .. Spread(0.5f, 2f), float.Epsilon, float.MaxValue];
        CheckRelative(Function.Log, bits, inputs, Math.Log);
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Softplus_MatchesReference(int bits) =>
        CheckRelative(Function.Softplus, bits, Spread(-110, 110), x => Math.Max(x, 0) + Log1p(Math.Exp(-Math.Abs(x))));

    [Theory]
    [ClassData(typeof(Widths))]
    public void Sigmoid_MatchesReference(int bits) => CheckRelative(Function.Sigmoid, bits, Spread(-87, 110), x => 1 / (1 + Math.Exp(-x)));

    [Theory]
    [ClassData(typeof(Widths))]
    public void Silu_MatchesReference(int bits) => CheckRelative(Function.Silu, bits, Spread(-83, 110), x => x / (1 + Math.Exp(-x)));

    [Theory]
    [ClassData(typeof(Widths))]
    public void SiluDerivative_MatchesReference(int bits)
    {
        float[] inputs = Spread(-110, 110);
        float[] outputs = Apply(Function.SiluDerivative, bits, inputs);
        for (int i = 0; i < inputs.Length; i++)
        {
            double s = 1 / (1 + Math.Exp(-(double)inputs[i]));
            Compare.Close(s * (1 + inputs[i] * (1 - s)), outputs[i], Tolerances.SiluDerivative, $"x = {inputs[i]:R}");
        }
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Exp_OverflowsAndUnderflows(int bits)
    {
        float[] y = Apply(Function.Exp, bits, [88.73f, 1e30f, float.PositiveInfinity, -104.1f, -1e30f, float.NegativeInfinity]);
        Assert.Equal([float.PositiveInfinity, float.PositiveInfinity, float.PositiveInfinity, 0f, 0f, 0f], y);
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Log_HasItsEdges(int bits) =>
        Assert.Equal(
            [float.NegativeInfinity, float.NegativeInfinity, float.NaN, float.NaN, float.PositiveInfinity, 0f],
            Apply(Function.Log, bits, [0f, -0f, -1f, float.NegativeInfinity, float.PositiveInfinity, 1f]));

    [Theory]
    [ClassData(typeof(Widths))]
    public void Softplus_IsTheIdentityForLargeX(int bits)
    {
        float[] x = [17.5f, 20f, 100f, 1e30f, float.PositiveInfinity];
        Assert.Equal(x, Apply(Function.Softplus, bits, x));
        Assert.Equal([0f, 0f], Apply(Function.Softplus, bits, [-1e30f, float.NegativeInfinity]));
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Sigmoid_Saturates(int bits) =>
        Assert.Equal([0f, 0f, 1f, 1f], Apply(Function.Sigmoid, bits, [float.NegativeInfinity, -1e30f, 1e30f, float.PositiveInfinity]));

    [Theory]
    [ClassData(typeof(Widths))]
    public void Functions_PassNaNOn(int bits)
    {
        foreach (Function function in Enum.GetValues<Function>())
            Assert.True(float.IsNaN(Apply(function, bits, [float.NaN])[0]), $"{function}");
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Functions_GiveTheSameBitsInEveryWidthThatFuses(int bits)
    {
        // The scalar tail of a wide kernel performs the same operations in the same order.
        float[] inputs = [.. Spread(-80, 80), .. s_special];
        foreach (Function function in new[] { Function.Exp, Function.Softplus, Function.Sigmoid, Function.Silu, Function.SiluDerivative })
            Compare.SameBits(Apply(function, 32, inputs), Apply(function, bits, inputs));
    }

    private static double Log1p(double y) => y < 1e-5 ? y - y * y / 2 + y * y * y / 3 : Math.Log(1 + y);

    private static float[] Spread(float low, float high)
    {
        var values = new float[20_001];
        for (int i = 0; i < values.Length; i++)
            values[i] = low + (high - low) * i / (values.Length - 1);
        return values;
    }

    private static void CheckRelative(Function function, int bits, float[] inputs, Func<double, double> reference)
    {
        float[] outputs = Apply(function, bits, inputs);
        for (int i = 0; i < inputs.Length; i++)
        {
            double expected = reference(inputs[i]);
            if (expected > float.MaxValue)
                Assert.Equal(float.PositiveInfinity, outputs[i]);
            else
                Compare.Close(expected, outputs[i], Math.Abs(expected) * Tolerances.Elementary + Tolerances.Denormal, $"x = {inputs[i]:R}");
        }
    }

    private static float[] Apply(Function function, int bits, float[] inputs) => bits switch
    {
        512 => Apply<Lanes512, Vector512<float>>(function, inputs),
        256 => Apply<Lanes256, Vector256<float>>(function, inputs),
        128 => Apply<Lanes128, Vector128<float>>(function, inputs),
        _ => Apply<Lanes1, float>(function, inputs),
    };

    private static float[] Apply<TLanes, TVector>(Function function, float[] inputs)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var outputs = new float[inputs.Length];
        float* buffer = stackalloc float[16];
        for (int i = 0; i < inputs.Length; i += TLanes.Count)
        {
            int count = Math.Min(TLanes.Count, inputs.Length - i);
            inputs.AsSpan(i, count).CopyTo(new Span<float>(buffer, 16));
            TVector x = TLanes.Load(buffer);
            TLanes.Store(buffer, function switch
            {
                Function.Exp => SimdMath.Exp<TLanes, TVector>(x),
                Function.Log => SimdMath.Log<TLanes, TVector>(x),
                Function.Softplus => SimdMath.Softplus<TLanes, TVector>(x),
                Function.Sigmoid => SimdMath.Sigmoid<TLanes, TVector>(x),
                Function.Silu => SimdMath.Silu<TLanes, TVector>(x),
                _ => SimdMath.SiluDerivative<TLanes, TVector>(x, out _),
            });
            new Span<float>(buffer, count).CopyTo(outputs.AsSpan(i));
        }

        return outputs;
    }
}

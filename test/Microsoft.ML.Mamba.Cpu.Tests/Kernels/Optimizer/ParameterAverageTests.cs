using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class ParameterAverageTests
{
    [Theory]
    [ClassData(typeof(Widths))]
    public void Update_GivesTheBitsOfThePlainFormula(int bits)
    {
        foreach (int count in new[] { 1, 15, 16, 17, 130, 40_000 })
        {
            TestMatrix a = TestMatrix.Random(1, 1, count), p = TestMatrix.Random(2, 1, count);
            float[] expected = a.ToArray();
            for (int i = 0; i < count; i++)
                expected[i] += 0.3f * (p[i] - expected[i]);
            Update(bits, a.Span, p.Span, 0.3f);
            Compare.SameBits(expected, a.ToArray());
            a.AssertNothingElseWritten();
            p.AssertNothingElseWritten();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(40_000)]
    public void Swap_ExchangesBothBlocks(int count)
    {
        TestMatrix a = TestMatrix.Random(1, 1, count), p = TestMatrix.Random(2, 1, count);
        float[] average = a.ToArray(), parameters = p.ToArray();
        ParameterAverage.Swap(a.Span, p.Span, Teams.Eight);
        Compare.SameBits(parameters, a.ToArray());
        Compare.SameBits(average, p.ToArray());
        a.AssertNothingElseWritten();
        p.AssertNothingElseWritten();
    }

    [Fact]
    public void Kernels_ThrowForOtherLengths()
    {
        const string Message = "average must be [parameters=4]; got 3 elements.";
        Assert.StartsWith(Message, Assert.Throws<ArgumentException>(() => ParameterAverage.Update(new float[3], new float[4], 0.5f, Teams.One)).Message);
        Assert.StartsWith(Message, Assert.Throws<ArgumentException>(() => ParameterAverage.Swap(new float[3], new float[4], Teams.One)).Message);
    }

    private static void Update(int bits, Span<float> average, ReadOnlySpan<float> parameters, float share)
    {
        switch (bits)
        {
            case 512: ParameterAverage.Update<Lanes512, Vector512<float>>(average, parameters, share, Teams.Two); break;
            case 256: ParameterAverage.Update<Lanes256, Vector256<float>>(average, parameters, share, Teams.Two); break;
            case 128: ParameterAverage.Update<Lanes128, Vector128<float>>(average, parameters, share, Teams.Two); break;
            default: ParameterAverage.Update<Lanes1, float>(average, parameters, share, Teams.Two); break;
        }
    }
}

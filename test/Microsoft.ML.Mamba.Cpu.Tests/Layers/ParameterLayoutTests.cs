using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Layers;

public sealed class ParameterLayoutTests
{
    public static TheoryData<string> Everything => ModelCases.Everything;

    [Theory]
    [MemberData(nameof(Everything))]
    public void Parameters_LieApartAlignedAndDecayingOnesFirst(string name)
    {
        var layout = new ParameterLayout(ModelCases.Get(name));
        var ranges = layout.Parameters.Select((parameter, i) => (Start: layout.OffsetOf(i), Length: layout.LengthOf(i), parameter.Decays))
            .OrderBy(range => range.Start).ToArray();
        long end = 0;
        foreach ((long start, int length, bool decays) in ranges)
        {
            Assert.True(start >= end && start % 16 == 0);
            Assert.Equal(decays, start < layout.DecayingLength);
            end = start + length;
        }

        Assert.True(layout.Length >= end);
        Assert.Equal(layout.Parameters.Select(parameter => parameter.Length), layout.Parameters.Select((_, i) => layout.LengthOf(i)));
    }

    [Fact]
    public void Range_MustLieWithinTheBuffer()
    {
        var layout = new ParameterLayout(ModelCases.Get("tokens-mean"));
        using var buffer = new ParameterBuffer(layout);
        Assert.Equal(0, buffer.Range(layout.Length, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Range(layout.Length - 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Range(-1, 1));
    }
}

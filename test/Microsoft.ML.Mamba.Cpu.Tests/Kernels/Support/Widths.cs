using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

/// <summary>The vector widths that this machine executes, as test data; 32 is scalar code.</summary>
public sealed class Widths : TheoryData<int>
{
    public Widths()
    {
        foreach (int bits in Supported)
            Add(bits);
    }

    internal static IReadOnlyList<int> Supported { get; } = FindSupported();

    private static List<int> FindSupported()
    {
        var widths = new List<int> { 32 };
        if (Lanes128.IsSupported)
            widths.Add(128);
        if (Lanes256.IsSupported)
            widths.Add(256);
        if (Lanes512.IsSupported)
            widths.Add(512);
        return widths;
    }
}

public class WidthsTests
{
    [Fact]
    public void Supported_EndsWithTheWidthThatKernelsChoose() => Assert.Equal(SimdWidth.Bits, Widths.Supported[^1]);

    [Fact]
    public void Supported_HoldsEveryWidthOfTheHardware()
    {
        Assert.Equal(Vector128.IsHardwareAccelerated, Widths.Supported.Contains(128));
        Assert.Equal(Vector256.IsHardwareAccelerated, Widths.Supported.Contains(256));
        Assert.Equal(Vector512.IsHardwareAccelerated, Widths.Supported.Contains(512));
    }
}

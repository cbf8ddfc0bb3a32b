using System.Runtime.Intrinsics;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>A pair does what its halves do; here those operations that the convolution does not use.</summary>
public sealed unsafe class LanesPairTests
{
    private static readonly float[] Values = [3, -1, 0.5f, 7, 2, 5.25f, 9, -4];

    [Fact]
    public void Across_MatchesAllLanes()
    {
        LanePair<Vector128<float>> pair = Load(Values);
        Assert.Equal(Values.Sum(), LanesPair<Lanes128, Vector128<float>>.Sum(pair));
        Assert.Equal(9, LanesPair<Lanes128, Vector128<float>>.MaxAcross(pair));
    }

    [Fact]
    public void Log_MatchesItsHalves()
    {
        LanePair<Vector128<float>> log = SimdMath.Log<LanesPair<Lanes128, Vector128<float>>, LanePair<Vector128<float>>>(Load(Values));
        Assert.Equal(SimdMath.Log(Vector128.Create(Values)), log.First);
        Assert.Equal(SimdMath.Log(Vector128.Create(Values, 4)), log.Second);
    }

    [Fact]
    public void KeepWhereHashed_CountsOnInTheSecondHalf()
    {
        LanePair<Vector128<float>> kept = LanesPair<Lanes128, Vector128<float>>.KeepWhereHashed(Load(Values), 11, 5, 6, 1u << 31);
        float[] expected = [.. Values.Select((value, i) => Lanes1.KeepWhereHashed(value, 11 + (uint)i, 5, 6, 1u << 31))];
        Assert.Equal(expected, Enumerable.Range(0, 8).Select(i => i < 4 ? kept.First[i] : kept.Second[i - 4]));
        Assert.Contains(0f, expected);
        Assert.Contains(expected[4..], value => value != 0);
    }

    private static LanePair<Vector128<float>> Load(float[] values)
    {
        fixed (float* first = values)
            return LanesPair<Lanes128, Vector128<float>>.Load(first);
    }
}

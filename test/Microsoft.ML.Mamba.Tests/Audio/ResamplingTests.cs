using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>Another sample rate keeps what both rates can hold, at the same time, and nothing else.</summary>
public sealed class ResamplingTests
{
    // The filter's ripple and the interpolation between its phases.
    private const double Tolerance = 2e-3;

    public static TheoryData<int, int> Rates => new()
    {
        { 44_100, 16_000 }, { 16_000, 8_000 }, { 8_000, 16_000 }, { 8_000, 44_100 }, { 48_000, 8_000 }, { 11_025, 8_000 }, { 1_000_000, 8_000 }, { 100, 12_800 },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void Constant_StaysConstant(int from, int to)
    {
        float[] converted = Convert(Enumerable.Repeat(0.75f, from / 4 + 1000), from, to);
        Assert.All(Inner(converted, from, to), value => Assert.InRange(value, 0.75 - Tolerance, 0.75 + Tolerance));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Sine_KeepsLevelAndTime(int from, int to)
    {
        double frequency = 0.31 * Math.Min(from, to);
        float[] converted = Convert(Sine(frequency, from, from / 4 + 1000), from, to);
        float[] expected = Sine(frequency, to, converted.Length);
        (int start, int end) = InnerRange(converted.Length, from, to);
        for (int i = start; i < end; i++)
            Assert.InRange(converted[i] - expected[i], -Tolerance, Tolerance);
    }

    [Theory]
    [InlineData(44_100, 16_000, 10_000)]
    [InlineData(16_000, 8_000, 4_700)]
    [InlineData(48_000, 8_000, 7_000)]
    public void FrequenciesAboveTheNewNyquist_AreTakenOut(int from, int to, int frequency)
    {
        float[] converted = Convert(Sine(frequency, from, from / 2), from, to);
        Assert.All(Inner(converted, from, to), value => Assert.InRange(value, -1e-3, 1e-3));
    }

    [Theory]
    [InlineData(1, 3, 2, 1)]
    [InlineData(3, 3, 2, 2)]
    [InlineData(1000, 44_100, 8_000, 182)]
    [InlineData(1000, 8_000, 16_000, 2000)]
    [InlineData(0, 8_000, 16_000, 0)]
    public void Length_CoversTheSameTime(int length, int from, int to, int expected) =>
        Assert.Equal(expected, Convert(new float[length], from * 100, to * 100).Length);

    [Fact]
    public void SameRate_ChangesNothing()
    {
        float[] samples = Sine(100, 8000, 50);
        Assert.Same(samples, new WaveformResampler().Convert(samples, 8000, 8000));
    }

    [Fact]
    public void OneResampler_DoesManyFilesAsManyWould()
    {
        var kept = new WaveformResampler();
        float[] first = Sine(700, 44_100, 5000), second = Sine(300, 16_000, 777);
        Assert.Equal(new WaveformResampler().Convert(first, 44_100, 8000), kept.Convert(first, 44_100, 8000));
        Assert.Equal(new WaveformResampler().Convert(second, 16_000, 8000), kept.Convert(second, 16_000, 8000));
        Assert.Equal(new WaveformResampler().Convert(first, 44_100, 8000), kept.Convert(first, 44_100, 8000));
    }

    [Fact]
    public void Reader_ResamplesWhereItMay()
    {
        using var folder = new TempFolder();
        string path = new WavBytes { Rate = 16_000, Tag = 3, Bits = 32, Samples = [.. Sine(440, 16_000, 3200).SelectMany(BitConverter.GetBytes)] }.Write(folder);
        float[] converted = new WaveformReader(new WaveformRules(8000, Resample: true, Channel: null)).Read(path);
        Assert.Equal(Convert(Sine(440, 16_000, 3200), 16_000, 8000), converted);
    }

    private static float[] Convert(IEnumerable<float> samples, int from, int to) => new WaveformResampler().Convert([.. samples], from, to);

    private static float[] Sine(double frequency, int rate, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (float)(0.5 * Math.Sin(2 * Math.PI * frequency * i / rate)))];

    private static float[] Inner(float[] converted, int from, int to) => InnerRange(converted.Length, from, to) is var (start, end) ? converted[start..end] : [];

    // Without what the filter sees of the zeros beyond the ends.
    private static (int Start, int End) InnerRange(int length, int from, int to)
    {
        int edge = 40 * Math.Max(1, to / from + 1);
        Assert.True(length > 3 * edge, $"{length} samples are too few to look at.");
        return (edge, length - edge);
    }
}

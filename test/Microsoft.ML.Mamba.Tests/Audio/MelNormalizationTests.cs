using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>What is taken out of frames, by utterance and by training rows, and differences along time.</summary>
public sealed class MelNormalizationTests
{
    private const double Tolerance = 1e-4;
    private const int Bands = 10;

    private readonly MLContext _ml = new(1);

    private sealed class WaveformRow
    {
        public float[] Waveform { get; set; } = [];
    }

    [Fact]
    public void Level_TakesTheMeanOfAllValues()
    {
        float[] plain = Frames(Options())[0], level = Frames(Options(MelUtteranceNormalization.Level))[0];
        AssertClose(plain.Select(value => value - plain.Average(x => (double)x)), level);
    }

    [Fact]
    public void Level_IsTheDefault() =>
        Assert.Equal(Frames(Options(MelUtteranceNormalization.Level)), Frames(new MelSpectrogramOptions { SampleRate = 8000, Bands = Bands }));

    [Fact]
    public void Level_MakesLoudnessInvisible()
    {
        MelSpectrogramOptions options = Options(MelUtteranceNormalization.Level);
        float[] waveform = MelSpectrogramTests.Waveform(2000, 8000);
        AssertClose(Frames(options, waveform)[0].Select(value => (double)value), Frames(options, [.. waveform.Select(value => value / 8)])[0]);
    }

    [Theory]
    [InlineData(MelUtteranceNormalization.Mean)]
    [InlineData(MelUtteranceNormalization.MeanAndVariance)]
    public void Bands_AreNormalisedByThemselves(MelUtteranceNormalization kind)
    {
        float[] plain = Frames(Options())[0], normalised = Frames(Options(kind))[0];
        for (int band = 0; band < Bands; band++)
        {
            double[] values = [.. Band(plain, band).Select(value => (double)value)];
            double mean = values.Average(), deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
            AssertClose(values.Select(value => (value - mean) / (kind == MelUtteranceNormalization.Mean ? 1 : deviation)), Band(normalised, band));
        }
    }

    [Fact]
    public void ConstantBands_OnlyLoseTheirMean() =>
        Assert.All(Frames(Options(MelUtteranceNormalization.MeanAndVariance), new float[1000])[0], value => Assert.Equal(0, value));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Deltas_AreSlopesOverFiveFrames(int order)
    {
        MelSpectrogramOptions options = Options();
        float[] plain = Frames(options)[0];
        options.Deltas = order;
        float[] frames = Frames(options)[0];
        int channels = Bands * (1 + order), length = frames.Length / channels;
        Assert.Equal(plain.Length / Bands, length);
        for (int t = 0; t < length; t++)
        {
            for (int b = 0; b < Bands; b++)
            {
                Assert.Equal(plain[t * Bands + b], frames[t * channels + b]);
                for (int o = 1; o <= order; o++)
                {
                    double expected = Enumerable.Range(1, 2).Sum(n => n * (At(t + n) - At(t - n))) / 10;
                    Assert.InRange(frames[t * channels + o * Bands + b] - expected, -Tolerance, Tolerance);

                    double At(int frame) => frames[Math.Clamp(frame, 0, length - 1) * channels + (o - 1) * Bands + b];
                }
            }
        }
    }

    [Fact]
    public void TrainingRows_GiveMeanZeroAndDeviationOne()
    {
        MelSpectrogramOptions options = Options();
        (options.NormalizeOnTrainingData, options.Deltas) = (true, 1);
        float[][] rows = Frames(options, MelSpectrogramTests.Waveform(3000, 8000), MelSpectrogramTests.Waveform(1500, 8000), [.. new float[700], 0.5f]);
        for (int channel = 0; channel < 2 * Bands; channel++)
        {
            double[] values = [.. rows.SelectMany(row => row.Where((_, i) => i % (2 * Bands) == channel)).Select(value => (double)value)];
            Assert.InRange(values.Average(), -Tolerance, Tolerance);
            Assert.InRange(values.Average(value => value * value), 1 - 1e-3, 1 + 1e-3);
        }
    }

    [Fact]
    public void OtherRows_AreNormalisedByTheTrainingRows()
    {
        MelSpectrogramOptions options = Options();
        float[] other = MelSpectrogramTests.Waveform(900, 8000), plain = Frames(options, other)[0];
        options.NormalizeOnTrainingData = true;
        MelSpectrogramTransformer transformer = _ml.Transforms.MelSpectrogram(options).Fit(Data(MelSpectrogramTests.Waveform(3000, 8000)));
        FramePreparation learned = transformer.Normalization!;
        double[] means = learned.Means.ToArray(), deviations = learned.Deviations.ToArray();
        AssertClose(plain.Select((value, i) => (value - means[i % Bands]) / deviations[i % Bands]), Read.Vectors(transformer.Transform(Data(other)), "Sequence")[0]);
    }

    [Fact]
    public void WithoutIt_NothingIsLearned() => Assert.Null(_ml.Transforms.MelSpectrogram(Options()).Fit(Data()).Normalization);

    private static MelSpectrogramOptions Options(MelUtteranceNormalization utterance = MelUtteranceNormalization.None) =>
        new() { SampleRate = 8000, Bands = Bands, UtteranceNormalization = utterance };

    private static IEnumerable<float> Band(float[] frames, int band) => frames.Where((_, i) => i % Bands == band);

    private static void AssertClose(IEnumerable<double> expected, IEnumerable<float> actual) =>
        Assert.All(expected.Zip(actual.Select(value => (double)value)), pair => Assert.InRange(pair.Second - pair.First, -Tolerance, Tolerance));

    private IDataView Data(params float[][] waveforms) => _ml.Data.LoadFromEnumerable(waveforms.Select(waveform => new WaveformRow { Waveform = waveform }));

    private float[][] Frames(MelSpectrogramOptions options, params float[][] waveforms)
    {
        IDataView data = Data(waveforms.Length > 0 ? waveforms : [MelSpectrogramTests.Waveform(2000, 8000)]);
        return Read.Vectors(_ml.Transforms.MelSpectrogram(options).Fit(data).Transform(data), "Sequence");
    }
}

using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>The frames are what the definition says, under every option.</summary>
public sealed class MelSpectrogramTests
{
    // Logarithms of sums of squares in single precision: near the floor a band's error is relative to the loudest point, 1e-7 squared.
    private const double Tolerance = 2e-4;

    private readonly MLContext _ml = new(1);

    private sealed class WaveformRow
    {
        public float[] Waveform { get; set; } = [];
    }

    public static TheoryData<string> Cases => [.. Options.Keys];

    private static readonly Dictionary<string, (MelSpectrogramOptions Options, int Window, int Hop, int Size, int Bands)> Options = new()
    {
        ["defaults"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000 }, 200, 80, 256, 40),
        ["16 kHz"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 16_000 }, 400, 160, 512, 64),
        ["1 kHz"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 1000 }, 25, 10, 32, 20),
        ["windows"] = (
            new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, WindowMilliseconds = 20,
                HopMilliseconds = 7.5 }, 160, 60, 256, 40),
        ["transform"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, FftSize = 1024 }, 200, 80, 1024, 40),
        ["bands"] = (
            new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, Bands = 13, MinFrequency = 0,
                MaxFrequency = 3400 }, 200, 80, 256, 13),
        ["slaney"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, Scale = MelScale.Slaney, Bands = 30 }, 200, 80, 256, 30),
        ["hamming"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, Window = MelWindow.Hamming }, 200, 80, 256, 40),
        ["magnitude"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, Spectrum = MelSpectrum.Magnitude }, 200, 80, 256, 40),
        ["decibel"] = (
            new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, Logarithm = MelLogarithm.Decibel,
                FloorDecibels = -60 }, 200, 80, 256, 40),
        ["magnitude decibel"] = (
            new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, Spectrum = MelSpectrum.Magnitude,
                Logarithm = MelLogarithm.Decibel, FloorDecibels = -40 }, 200, 80, 256, 40),
        ["no logarithm"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, Logarithm = MelLogarithm.None }, 200, 80, 256, 40),
        ["emphasis"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, PreEmphasis = 0.97 }, 200, 80, 256, 40),
        ["not centred"] = (new() { UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, Center = false }, 200, 80, 256, 40),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Frames_MatchReference(string name)
    {
        (MelSpectrogramOptions options, int window, int hop, int size, int bands) = Options[name];
        float[] waveform = Waveform(1111, options.SampleRate!.Value);
        float[] frames = Frames(options, waveform);
        double[] expected = [.. ReferenceMel.Frames(waveform, options.SampleRate!.Value, window, hop, size, bands, options).SelectMany(frame => frame)];
        Assert.Equal(expected.Length, frames.Length);
        double tolerance = options.Logarithm == MelLogarithm.Decibel ? 10 * Tolerance : options.Logarithm == MelLogarithm.None ? 1e-6 : Tolerance;
        for (int i = 0; i < frames.Length; i++)
            Assert.True(Math.Abs(frames[i] - expected[i]) <= tolerance, $"frame {i / bands}, band {i % bands}: {frames[i]} instead of {expected[i]}");
    }

    [Fact]
    public void EveryCase_DiffersFromTheDefaults()
    {
        float[] waveform = Waveform(1111, 8000), defaults = Frames(Options["defaults"].Options, waveform);
        foreach ((string name, (MelSpectrogramOptions options, _, _, _, _)) in Options.Where(entry => entry.Key is not "defaults"))
            Assert.False(defaults.AsSpan().SequenceEqual(Frames(options, waveform)), name);
    }

    [Fact]
    public void FullScaleSine_IsZeroDecibels()
    {
        // A band whose peak is the sine's frequency, which is a point of the transform.
        double[] edges = ReferenceMel.Edges(1, 500, 1500, MelScale.Htk);
        double point = Math.Round(edges[1] / 10) * 10;
        float[] sine = [.. Enumerable.Range(0, 4000).Select(i => (float)Math.Sin(2 * Math.PI * point * i / 8000))];
        var options = new MelSpectrogramOptions
        {
            SampleRate = 8000, WindowMilliseconds = 128, FftSize = 1024, Bands = 1, MinFrequency = 500, MaxFrequency = 1500,
            Logarithm = MelLogarithm.Decibel, Spectrum = MelSpectrum.Power, UtteranceNormalization = MelUtteranceNormalization.None,
        };
        float[] frames = Frames(options, sine);
        // The Hann window spreads a sine over three points: 1, 1/2 and 1/2 in amplitude, 1.5 in power.
        Assert.InRange(frames[10], 10 * Math.Log10(1.5) - 0.2, 10 * Math.Log10(1.5) + 0.2);
    }

    [Theory]
    [InlineData(0, true, 0)]
    [InlineData(1, true, 1)]
    [InlineData(79, true, 1)]
    [InlineData(80, true, 2)]
    [InlineData(8000, true, 101)]
    [InlineData(0, false, 0)]
    [InlineData(1, false, 1)]
    [InlineData(200, false, 1)]
    [InlineData(201, false, 2)]
    [InlineData(280, false, 2)]
    [InlineData(281, false, 3)]
    [InlineData(1000, false, 11)]
    public void NumberOfFrames_IsAsDocumented(int samples, bool center, int frames)
    {
        float[] values = Frames(new MelSpectrogramOptions { SampleRate = 8000, Center = center }, Waveform(samples, 8000));
        Assert.Equal(frames * 40, values.Length);
    }

    [Theory]
    [InlineData(420, 1)]
    [InlineData(801, 2)]
    [InlineData(1600, 2)]
    public void WindowsWithGaps_BeginInsideTheWaveform(int samples, int frames) => Assert.Equal(
        frames * 40, Frames(new MelSpectrogramOptions { SampleRate = 8000, Center = false, HopMilliseconds = 100 }, Waveform(samples, 8000)).Length);

    [Fact]
    public void ShortWaveform_IsOneFrameFilledWithZeros()
    {
        float[] waveform = Waveform(30, 8000);
        var options = new MelSpectrogramOptions { SampleRate = 8000, Center = false };
        Assert.Equal(Frames(options, [.. waveform, .. new float[170]]), Frames(options, waveform));
    }

    [Fact]
    public void Silence_IsTheFloor()
    {
        var options = new MelSpectrogramOptions
        {
            UtteranceNormalization = MelUtteranceNormalization.None, SampleRate = 8000, FloorDecibels = -70, Logarithm = MelLogarithm.Decibel,
        };
        float[] frames = Frames(options, new float[800]);
        Assert.All(frames, value => Assert.InRange(value, -70.001, -69.999));
    }

    [Fact]
    public void ColumnType_TellsTheChannels()
    {
        IDataView data = Data(Waveform(900, 8000));
        MelSpectrogramTransformer transformer = _ml.Transforms.MelSpectrogram(new MelSpectrogramOptions { SampleRate = 8000, Deltas = 1, Bands = 12 }).Fit(data);
        var type = (VectorDataViewType)transformer.Transform(data).Schema["Sequence"].Type;
        Assert.Equal([0, 24], type.Dimensions.AsEnumerable());
        Assert.Equal(NumberDataViewType.Single, type.ItemType);
        Assert.Equal((12, 24, 8000, 200, 80, 256),
            (transformer.Bands, transformer.Channels, transformer.SampleRate, transformer.WindowLength, transformer.HopLength,
                transformer.FftSize));
    }

    [Fact]
    public void SparseWaveforms_GiveWhatDenseOnesGive()
    {
        float[] dense = new float[500];
        dense[100] = 0.5f;
        dense[333] = -0.25f;
        var sparse = new SparseRow { Waveform = new VBuffer<float>(500, 2, [0.5f, -0.25f], [100, 333]) };
        MelSpectrogramTransformer transformer = _ml.Transforms.MelSpectrogram(sampleRate: 8000).Fit(Data(dense));
        SchemaDefinition schema = SchemaDefinition.Create(typeof(SparseRow));
        schema["Waveform"].ColumnType = new VectorDataViewType(NumberDataViewType.Single);
        Assert.Equal(Read.Vectors(transformer.Transform(Data(dense)), "Sequence"),
            Read.Vectors(transformer.Transform(_ml.Data.LoadFromEnumerable([sparse], schema)), "Sequence"));
    }

    [Fact]
    public void ShortOverload_SetsWhatItSays()
    {
        IDataView data = Data(Waveform(900, 8000));
        float[][] frames = Read.Vectors(
            _ml.Transforms.MelSpectrogram("Frames", "Waveform", sampleRate: 8000, bands: 17, windowMilliseconds: 30, hopMilliseconds: 12)
            .Fit(data).Transform(data), "Frames");
        Assert.Equal(
            Frames(new MelSpectrogramOptions { SampleRate = 8000, Bands = 17, WindowMilliseconds = 30, HopMilliseconds = 12 },
                Waveform(900, 8000)), Assert.Single(frames));
    }

    private sealed class SparseRow
    {
        public VBuffer<float> Waveform { get; set; }
    }

    internal static float[] Waveform(int samples, int rate)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, samples).Select(i => (float)(
            0.3 * Math.Sin(2 * Math.PI * 0.05 * rate * i / rate) + 0.2 * Math.Sin(2 * Math.PI * (0.1 + 0.2 * i / Math.Max(1, samples)) * i)
            + 0.1 * (random.NextDouble() - 0.5)))];
    }

    private IDataView Data(params float[][] waveforms) => _ml.Data.LoadFromEnumerable(waveforms.Select(waveform => new WaveformRow { Waveform = waveform }));

    private float[] Frames(MelSpectrogramOptions options, float[] waveform)
    {
        IDataView data = Data(waveform);
        return Assert.Single(Read.Vectors(_ml.Transforms.MelSpectrogram(options).Fit(data).Transform(data), options.OutputColumnName));
    }
}

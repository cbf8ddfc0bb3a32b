using Microsoft.ML.Mamba.Tests.Persistence;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Fit;

/// <summary>Patches of frames as options of the classifier, on the engine that users have.</summary>
public class PatchTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(null, null, 0, 0, 40)]
    [InlineData(1, null, 1, 0, 40)]
    [InlineData(8, null, 8, 0, 5)]
    [InlineData(8, 4, 8, 4, 9)]
    public void Options_ReachTheModel_AndPositionsCountPatches(int? length, int? stride, int expectedLength, int expectedStride, int positions)
    {
        MambaClassificationOptions options = Options();
        (options.PatchLength, options.PatchStride) = (length, stride);
        var log = new LogRecorder(_ml);
        MambaTransformer model = Train.Fit(_ml, Tones(100, equal: true), options);
        Assert.Equal((expectedLength, expectedStride, positions), (model.Config.PatchLength, model.Config.PatchStride, model.Config.MaxPositions));
        Assert.Contains($"Position embedding of {positions} positions, chosen by the 100 training rows, which are of 40 ", log.All, StringComparison.Ordinal);
        Assert.Equal(length > 1, log.All.Contains($"in patches of 8 frames, one every {stride ?? 8}", StringComparison.Ordinal));
    }

    [Fact]
    public void RowsOfDifferentLengths_AreNoWindows_EvenWithAsManyPatches()
    {
        MambaClassificationOptions options = Options();
        options.PatchLength = 20;
        var log = new LogRecorder(_ml);
        Assert.Equal(0, Train.Fit(_ml, Tones(100, equal: false), options).Config.MaxPositions);
        Assert.Contains("which have 33 to 40 frames", log.All, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_LearnsFromPatches_AndIsSaved()
    {
        MambaClassificationOptions options = Options();
        (options.PatchLength, options.PatchStride, options.MaxEpochs, options.LearningRate) = (8, 4, 15, 0.01f);
        IDataView data = Tones(120, equal: false);
        MambaTransformer model = Train.Fit(_ml, data, options);
        Assert.True(Read.Accuracy(_ml, model.Transform(data)) >= 0.95);
        using var folder = new TempFolder();
        MambaTransformer loaded = RoundTripTests.SaveAndLoad(model, data.Schema, folder.PathOf("m.zip"));
        Assert.Equal(model.Config, loaded.Config);
        Assert.Equal(Read.Vectors(model.Transform(data), "Score"), Read.Vectors(loaded.Transform(data), "Score"));
    }

    [Fact]
    public void BackpropagationLength_TrainsInChunks()
    {
        IDataView data = Tones(60, equal: false);
        MambaTransformer Fit(int? length)
        {
            MambaClassificationOptions options = Options();
            (options.BackpropagationLength, options.MaxEpochs, options.LearningRate) = (length, 8, 0.01f);
            return Train.Fit(_ml, data, options);
        }

        MambaTransformer whole = Fit(null), chunks = Fit(10);
        Assert.Equal(Read.Vectors(whole.Transform(data), "Score"), Read.Vectors(Fit(1000).Transform(data), "Score"));
        Assert.NotEqual(Read.Vectors(whole.Transform(data), "Score"), Read.Vectors(chunks.Transform(data), "Score"));
        Assert.True(Read.Accuracy(_ml, chunks.Transform(data)) >= 0.95);
    }

    [Fact]
    public void OtherKindsOfColumns_RefusePatches()
    {
        MambaClassificationOptions options = Options();
        options.PatchLength = 4;
        string message = Assert.Throws<ArgumentException>(() => Train.Fit(_ml, Train.DnaKeys(_ml), options)).Message;
        Assert.All(["PatchLength", "PatchStride", "'Sequence'"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private static MambaClassificationOptions Options()
    {
        MambaClassificationOptions options = Train.Options();
        (options.EngineOverride, options.MaxEpochs) = (null, 1);
        return options;
    }

    // The class is the pitch of a sine of any phase.
    private IDataView Tones(int count, bool equal)
    {
        var random = new Random(1);
        return Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i =>
        {
            double phase = 6.28 * random.NextDouble(), pitch = i % 2 == 0 ? 0.5 : 1.1;
            int length = equal ? 40 : 33 + random.Next(8);
            return new FrameRow { Label = i % 2 == 0 ? "low" : "high", Sequence = [.. Enumerable.Range(0, length).Select(t => (float)Math.Sin(phase + pitch * t))] };
        }).ToArray()));
    }
}

using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Fit;

public class EpochChoiceTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    // 40 rows in batches of 32 give 2 steps an epoch.
    [InlineData(40, 10, 32, null, 100, 50, "for at least 100 steps")]
    [InlineData(40, 10, 32, null, 101, 51, "for at least 101 steps")]
    [InlineData(40, 10, 8, null, 100, 20, "for at least 100 steps")]
    [InlineData(400, 10, 32, null, 100, 12, "the preset's number")]
    [InlineData(400, 10, 32, null, 0, 12, "the preset's number")]
    [InlineData(40, 10, 32, 3, 100, 3, "as asked for")]
    // 4,000 tokens an epoch may be read 25 times.
    [InlineData(40, 100, 32, null, 1000, 25, "for at most 100000 tokens")]
    [InlineData(400, 20, 32, null, 20, 12, "the preset's number")]
    // 20,000 tokens may be read 5 times, but then 20 steps would not be reached, for which the preset's epochs are more than enough.
    [InlineData(40, 500, 32, null, 20, 5, "for at most 100000 tokens")]
    [InlineData(40, 500, 32, null, 64, 8, "for at least 64 steps")]
    [InlineData(40, 500, 32, null, 1000, 12, "the preset's number")]
    // 400,000 tokens are more than may be read.
    [InlineData(40, 10_000, 32, null, 20, 1, "for at least 20 steps")]
    public void Epochs_FollowTheRows(int rows, int length, int batchSize, int? asked, int fewestSteps, int expected, string why)
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
        for (int i = 0; i < rows; i++)
            builder.Add(new int[length], i % 2);
        Preset preset = Preset.Tokens with { FewestSteps = fewestSteps, MostTokens = 100_000, Training = new() { MaxEpochs = 12 } };
        Assert.Equal(expected, EpochChoice.Of(asked, preset, builder.Build(), new() { BatchSize = batchSize, MaxBatchTokens = 2_500 }, new(), out string reason));
        Assert.StartsWith($"{expected} epochs", reason, StringComparison.Ordinal);
        Assert.Contains(why, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_AreCountedByTokensToo()
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
        for (int i = 0; i < 40; i++)
            builder.Add(new int[500], i % 2);
        Preset preset = Preset.Tokens with { FewestSteps = 400, MostTokens = 1 << 30, Training = new() { MaxEpochs = 12 } };
        Assert.Equal(50, EpochChoice.Of(null, preset, builder.Build(), new() { BatchSize = 32, MaxBatchTokens = 2_500 }, new(), out _));
    }

    [Fact]
    public void Patches_AreCountedAsTokens()
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForFrames(1);
        for (int i = 0; i < 40; i++)
            builder.Add(new float[500], i % 2);
        SequenceDataset rows = builder.Build();
        Preset preset = Preset.Frames with { FewestSteps = 400, MostTokens = 1 << 30, Training = new() { MaxEpochs = 12 } };
        MambaTrainingOptions training = new() { BatchSize = 32, MaxBatchTokens = 2_500 };
        Assert.Equal(50, EpochChoice.Of(null, preset, rows, training, new(), out _));
        Assert.Equal(200, EpochChoice.Of(null, preset, rows, training, new() { PatchLength = 10 }, out _));
        Assert.Equal(80, EpochChoice.Of(null, preset with { MostTokens = 160_000 }, rows, training, new() { PatchLength = 10 }, out _));
    }

    [Theory]
    [InlineData(999, null, 16)]
    [InlineData(1000, null, 32)]
    [InlineData(999, 5, 5)]
    public void Batches_OfFewRowsAreSmall(int rows, int? asked, int expected)
    {
        MambaClassificationOptions options = Train.Options();
        (options.MaxEpochs, options.BatchSize) = (1, asked);
        TrainingHistory history = Train.Fit(_ml, Train.DnaKeys(_ml, rows), options).History;
        Assert.Equal((rows + expected - 1) / expected, history.TotalSteps);
        Assert.Equal(expected.ToString(System.Globalization.CultureInfo.InvariantCulture), history.Options["BatchSize"]);
    }

    [Fact]
    public void Batches_OfFewVariedRowsAreNot()
    {
        MambaClassificationOptions options = Train.Options();
        (options.MaxEpochs, options.BatchSize) = (1, null);
        Assert.Equal(2, Train.Fit(_ml, Train.SeriesKeys(_ml, 40), options).History.TotalSteps);
        Assert.Equal(3, Train.Fit(_ml, Train.DnaKeys(_ml, 40), options).History.TotalSteps);
    }

    [Fact]
    public void Choice_IsMadeLoggedAndKept()
    {
        var log = new LogRecorder(_ml);
        MambaClassificationOptions options = Train.Options();
        (options.MaxEpochs, options.BatchSize) = (null, 16);
        MambaTransformer few = Train.Fit(_ml, Train.DnaKeys(_ml), options);
        Assert.True(few.History.TotalSteps >= Preset.Dna.FewestSteps && few.History.Epochs.Count > Preset.Dna.Training.MaxEpochs, $"{few.History.TotalSteps} steps");
        Assert.Contains($"{few.History.Epochs.Count} epochs of 40 rows, for at least {Preset.Dna.FewestSteps} steps", log.All, StringComparison.Ordinal);
        Assert.Equal(few.History.Epochs.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), few.History.Options["MaxEpochs"]);
        options.MaxEpochs = 2;
        Assert.Equal(2, Train.Fit(_ml, Train.DnaKeys(_ml), options).History.Epochs.Count);
        Assert.Contains("2 epochs, as asked for", log.All, StringComparison.Ordinal);
    }
}

using Microsoft.ML.Mamba.Tests.Persistence;
using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Fit;

public class PositionEmbeddingTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(100, 12, 12, null, 12)]
    [InlineData(100, 2, 2, null, 2)]
    [InlineData(100, 4096, 4096, null, 4096)]
    [InlineData(99, 12, 12, null, 0)]
    [InlineData(100, 11, 12, null, 0)]
    [InlineData(100, 1, 1, null, 0)]
    [InlineData(100, 4097, 4097, null, 0)]
    [InlineData(100, 12, 12, false, 0)]
    [InlineData(10, 3, 12, true, 12)]
    [InlineData(10, 5000, 5001, true, 5001)]
    public void Positions_FollowTheLengthsUnlessToldOtherwise(int rows, int first, int others, bool? asked, int expected)
    {
        var log = new LogRecorder(_ml);
        MambaTransformer model = Train.Fit(_ml, Windows([first, .. Enumerable.Repeat(others, rows - 1)]), Options(asked));
        Assert.Equal(expected, model.Config.MaxPositions);
        string choice = expected > 0 ? $"Position embedding of {expected} positions, " : "Position embedding off, ";
        Assert.Contains(choice + (asked is null ? $"chosen by the {rows} training rows" : "as asked for"), log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(30, 0)]
    public void Positions_FollowTheLengthsAfterTruncation(int maxLength, int expected)
    {
        MambaClassificationOptions options = Options(null);
        (options.MaxLength, options.Truncation) = (maxLength, MambaTruncation.Head);
        IDataView data = Windows([.. Enumerable.Range(0, 100).Select(i => 20 + i % 20)]);
        Assert.Equal(expected, Train.Fit(_ml, data, options).Config.MaxPositions);
    }

    [Theory]
    // The one A stands in the first or second half, by class: only its place tells the class.
    [InlineData(120, true, 20)]
    // It stands anywhere, and the classes differ in the other letters.
    [InlineData(120, false, 0)]
    [InlineData(1000, false, 0)]
    public void Positions_OfTokensNeedEvidence(int count, bool aligned, int expected)
    {
        var random = new MambaRandom(5, "rows");
        var log = new LogRecorder(_ml);
        MambaTransformer model = Train.Fit(_ml, Rows(row => aligned ? Window(20, row % 2 * 10 + random.NextInt32(10)) : Anywhere(row, random)), Options(null));
        Assert.Equal(expected, model.Config.MaxPositions);
        Assert.Matches(@"where a token stands tells -?\d+\.\d{3} \+- \d\.\d{3} nats a row more of the class", log.All);
        if (!aligned)
            Assert.Equal(20, Train.Fit(_ml, Rows(row => Anywhere(row, random)), Options(true)).Config.MaxPositions);

        IDataView Rows(Func<int, string> sequence) => Train.WithKeys(
            _ml, _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(row => new TextRow { Label = row % 2 == 0 ? "a" : "b", Sequence = sequence(row) })));
    }

    [Fact]
    public void Evidence_IsCountedInOtherRows()
    {
        var random = new MambaRandom(3, "rows");
        SequenceDatasetBuilder noise = SequenceDatasetBuilder.ForTokens(), placed = SequenceDatasetBuilder.ForTokens();
        for (int i = 0; i < 200; i++)
        {
            int[] tokens = [.. Enumerable.Range(0, 30).Select(_ => random.NextInt32(4))];
            noise.Add(tokens, i % 2);
            tokens[7] = i % 2;
            tokens[8] = 1 - i % 2;
            placed.Add(tokens, i % 2);
        }

        (double gain, double error) = PositionEvidence.Measure(noise.Build(), 4, 2);
        Assert.InRange(gain, -5, 0);
        Assert.InRange(error, 0.001, 0.3);
        // Each of the two places tells log 2 nats, less what the prior takes and the noise elsewhere.
        Assert.Equal(2 * Math.Log(2) + gain, PositionEvidence.Measure(placed.Build(), 4, 2).Gain, 0.3);
        Assert.True(PositionEvidence.CanJudge(1_024, 2, 4_096));
        Assert.False(PositionEvidence.CanJudge(1_025, 2, 4));
        Assert.False(PositionEvidence.CanJudge(1_024, 20, 4_096));
    }

    [Fact]
    public void TooLongRow_IsNamed()
    {
        FrameRow[] rows = [new() { Label = "a", Sequence = [1, 2] }, new() { Label = "b", Sequence = new float[(1 << 20) + 1] }];
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        string message = Assert.Throws<ArgumentException>(() => Train.Fit(_ml, data, Options(true))).Message;
        Assert.All(["PositionEmbedding", "1048576", "row 1", "1048577", "'Sequence'", "MaxLength"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Equal(0, Train.Fit(_ml, data, Options(null)).Config.MaxPositions);
    }

    [Fact]
    public void Scores_DependOnPositionsAndAreSavedBitForBit()
    {
        // The class is where the only A stands, which a model without layers cannot see otherwise.
        TextRow[] rows = [.. Enumerable.Range(0, 120).Select(i => i % 2 == 0
            ? new TextRow { Label = "early", Sequence = Window(20, i % 9) }
            : new TextRow { Label = "late", Sequence = Window(20, 11 + i % 9) })];
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        MambaClassificationOptions options = Options(null);
        (options.EngineOverride, options.NumLayers, options.MaxEpochs, options.LearningRate) = (null, 0, 20, 0.02f);
        MambaTransformer model = Train.Fit(_ml, data, options);
        Assert.Equal(20, model.Config.MaxPositions);
        Assert.True(Read.Accuracy(_ml, model.Transform(data)) > 0.9);
        options.PositionEmbedding = false;
        Assert.Equal(0.5, Read.Accuracy(_ml, Train.Fit(_ml, data, options).Transform(data)), 0.1);

        using var folder = new TempFolder();
        MambaTransformer loaded = RoundTripTests.SaveAndLoad(model, data.Schema, folder.PathOf("m.zip"));
        Assert.Equal(model.Config, loaded.Config);
        TextRow[] others = [new() { Sequence = Window(500, 3) }, new() { Sequence = Window(21, 20) }, new() { Sequence = "A" }];
        IDataView test = _ml.Data.LoadFromEnumerable(rows.Concat(others));
        uint[][] scores = Bits(model.Transform(test));
        Assert.Equal(scores, Bits(loaded.Transform(test)));
        Assert.NotEqual(scores[0], scores[1]);
        Assert.All(Read.Vectors(loaded.Transform(test), "Score"), row => Assert.All(row, score => Assert.True(float.IsFinite(score))));
    }

    private static uint[][] Bits(IDataView scored) => [.. Read.Vectors(scored, "Score").Select(row => row.Select(BitConverter.SingleToUInt32Bits).ToArray())];

    private static MambaClassificationOptions Options(bool? positions)
    {
        MambaClassificationOptions options = Train.Options();
        (options.PositionEmbedding, options.MaxEpochs) = (positions, 1);
        return options;
    }

    private static string Anywhere(int row, MambaRandom random)
    {
        char[] letters = [.. Enumerable.Range(0, 20).Select(_ => random.NextInt32(10) < 7 ? "CT"[row % 2] : "CGT"[random.NextInt32(3)])];
        letters[random.NextInt32(20)] = 'A';
        return new string(letters);
    }

    private static string Window(int length, int place) => new string('C', place) + "A" + new string('C', length - place - 1);

    private IDataView Windows(int[] lengths) => Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(
        lengths.Select((length, i) => new FrameRow { Label = i % 2 == 0 ? "a" : "b", Sequence = [.. Enumerable.Range(0, length).Select(t => (float)(i % 2))] })));
}

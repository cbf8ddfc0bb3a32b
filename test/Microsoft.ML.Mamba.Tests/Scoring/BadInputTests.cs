using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Scoring;

/// <summary>Rows that cannot be used, in training as in scoring.</summary>
public class BadInputTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void EmptySequence_NamesTheRow()
    {
        TextRow[] rows = Rows.Dna(20);
        rows[13].Sequence = " ";
        AssertMessage(Assert.Throws<InvalidDataException>(() => Fit(rows)), "Row 13", "'Sequence'", "empty");
        MambaTransformer model = Fit(Rows.Dna(20));
        AssertMessage(Assert.Throws<InvalidDataException>(() => Read.Vectors(model.Transform(View(rows)), "Score")), "Row 13", "'Sequence'", "empty");
    }

    [Fact]
    public void EmptySequence_MayBeMissingInstead()
    {
        TextRow[] rows = Rows.Dna(20);
        rows[13].Sequence = "";
        var log = new LogRecorder(_ml);
        MambaTransformer model = Fit(rows, options => options.EmptySequences = MambaEmptySequence.Missing);
        Assert.Equal(19, model.History.TrainingRows);
        Assert.Contains("1 with an empty sequence", log.All, StringComparison.Ordinal);
        IDataView scored = model.Transform(View(rows));
        Assert.Equal(rows.Select((row, i) => i == 13 ? 0u : row.Label == "gc" ? 1u : 2u), Read.Column<uint>(scored, "PredictedLabel"));
        Assert.All(Read.Vectors(scored, "Score")[13], score => Assert.True(float.IsNaN(score)));
        Assert.DoesNotContain(Read.Vectors(scored, "Score")[14], float.IsNaN);
    }

    [Fact]
    public void UnknownLetter_NamesRowPositionAndLetter()
    {
        TextRow[] rows = Rows.Dna(20);
        rows[4].Sequence = "ACGT!ACGTACGTACGT";
        var error = Assert.Throws<InvalidDataException>(() => Fit(rows, options => options.Modality = MambaModality.Dna));
        AssertMessage(error, "Row 4", "'Sequence'", "!", "4");
        MambaTransformer lenient = Fit(rows);
        Assert.Equal(MambaModality.Dna, lenient.Modality);
        Assert.Equal(20, lenient.History.TrainingRows);
    }

    [Theory]
    [InlineData(MambaTruncation.Head)]
    [InlineData(MambaTruncation.Tail)]
    public void LongSequence_IsCut(MambaTruncation truncation)
    {
        // What is cut off would tip the balance: the fake engine looks at the mean.
        MambaTransformer model = Fit(Rows.Dna(40), options => (options.MaxLength, options.Truncation) = (30, truncation));
        string head = string.Concat(Enumerable.Repeat("GC", 15)), tail = string.Concat(Enumerable.Repeat("AT", 100));
        IDataView scored = model.Transform(View([new TextRow { Label = "gc", Sequence = head + tail }, new TextRow { Label = "at", Sequence = tail + head }]));
        uint gc = 1, at = 2;
        Assert.Equal(truncation == MambaTruncation.Head ? [gc, at] : [at, gc], Read.Column<uint>(scored, "PredictedLabel"));
    }

    [Fact]
    public void LongSequence_IsAnErrorOrKept()
    {
        TextRow[] rows = Rows.Dna(20);
        rows[6].Sequence = new string('A', 100);
        var error = Assert.Throws<InvalidDataException>(() => Fit(rows, options => options.MaxLength = 99));
        AssertMessage(error, "Row 6", "'Sequence'", "100", "99", "Truncation");
        var log = new LogRecorder(_ml);
        Fit(rows, options => (options.MaxLength, options.Truncation) = (99, MambaTruncation.Keep));
        Assert.Contains("1 longer than 99 (Keep)", log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void FrameThatIsNotFinite_NamesRowFrameAndChannel(float value)
    {
        FrameRow[] rows = Rows.Series(20, channels: 2);
        rows[9].Sequence[5] = value;
        MambaClassificationOptions options = Train.Options();
        options.InputChannels = 2;
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        AssertMessage(Assert.Throws<InvalidDataException>(() => Train.Fit(_ml, data, options)), "Row 9", "frame 2", "channel 1", value.ToString());
    }

    [Fact]
    public void WrongNumberOfValues_NamesTheChannels()
    {
        FrameRow[] rows = Rows.Series(20, channels: 2);
        rows[9].Sequence = [1, 2, 3];
        MambaClassificationOptions options = Train.Options();
        options.InputChannels = 2;
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        AssertMessage(Assert.Throws<InvalidDataException>(() => Train.Fit(_ml, data, options)), "Row 9", "3 values", "2 channels");
    }

    private MambaTransformer Fit(TextRow[] rows, Action<MambaClassificationOptions>? change = null)
    {
        MambaClassificationOptions options = Train.Options();
        change?.Invoke(options);
        return Train.Fit(_ml, View(rows), options);
    }

    private IDataView View(TextRow[] rows) => Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));

    private static void AssertMessage(Exception error, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
}

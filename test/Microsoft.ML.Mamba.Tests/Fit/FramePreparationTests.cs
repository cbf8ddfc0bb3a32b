using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Fit;

/// <summary>Frames are prepared the same way in training, in scoring by batches and by rows, and after saving.</summary>
public class FramePreparationTests
{
    private const float NaN = float.NaN;

    private readonly MLContext _ml = new(1);

    public static TheoryData<MissingValues, FrameNormalization> Policies
    {
        get
        {
            var data = new TheoryData<MissingValues, FrameNormalization>();
            foreach (MissingValues missing in Enum.GetValues<MissingValues>())
            {
                foreach (FrameNormalization normalization in Enum.GetValues<FrameNormalization>())
                    data.Add(missing, normalization);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Model_SeesWhatThePreparationGives_InTrainingAsInScoring(MissingValues missing, FrameNormalization normalization)
    {
        FrameRow[] rows = Raw(40, missing != MissingValues.Error);
        MambaTransformer model = Fit(rows, missing, normalization);
        var statistics = new FrameStatistics(2);
        foreach (FrameRow row in rows)
            statistics.Add(row.Sequence);
        FramePreparation preparation = statistics.ToPreparation(missing, normalization);
        Assert.Equal(preparation.ToJson(), model.FramePreparation!.ToJson());

        FrameRow[] prepared = [.. rows.Select(row => new FrameRow { Label = row.Label, Sequence = [.. row.Sequence] })];
        foreach (FrameRow row in prepared)
            preparation.Prepare(row.Sequence);
        float[][] expected = Scores(Fit(prepared, MissingValues.Error, FrameNormalization.None), prepared);
        Assert.Equal(expected, Scores(model, rows));
        using PredictionEngine<FrameRow, Prediction> engine = _ml.Model.CreatePredictionEngine<FrameRow, Prediction>(Chain(model, rows));
        Assert.Equal(expected, rows.Select(row => engine.Predict(row).Score));
    }

    [Fact]
    public void Default_IsTheTrainingSetsNormalisation_AndMissingValuesAreErrors()
    {
        IDataView data = View(Raw(40, missing: false));
        MambaClassificationOptions options = Train.Options();
        options.InputChannels = 2;
        MambaTransformer model = Train.Fit(_ml, data, options);
        Assert.Equal((FrameNormalization.TrainingSet, MissingValues.Error), (model.FramePreparation!.Normalization, model.FramePreparation.MissingValues));
        Assert.Equal(("TrainingSet", "Error"), (model.History.Options["FrameNormalization"], model.History.Options["MissingValues"]));
        Assert.Equal(1, Read.Accuracy(_ml, model.Transform(data)));
        Assert.Null(Train.Fit(_ml, Train.DnaKeys(_ml)).FramePreparation);
    }

    [Fact]
    public void RowsWithoutALabel_AndValidationRows_DoNotCount()
    {
        FrameRow[] rows = Raw(40, missing: false);
        FrameRow[] outliers =
            [.. Raw(40, missing: false)
                .Select(row => new FrameRow { Label = row.Label, Sequence = [.. row.Sequence.Select(value => value + 1e6f)] })];
        uint[] keys = [.. Enumerable.Range(0, 40).Select(i => (uint)(1 + i % 2)), .. new uint[40]];
        IDataView some = new KeyedView<uint>(View([.. rows, .. outliers]), 2, keys);
        MambaClassificationOptions options = Options(MissingValues.Error, FrameNormalization.TrainingSet);
        MambaTransformer model = Train.Fit(_ml, some, options);
        Assert.Equal(Fit(rows, MissingValues.Error, FrameNormalization.TrainingSet).FramePreparation!.ToJson(), model.FramePreparation!.ToJson());

        options.ValidationSet = View(outliers);
        options.KeepBestWeights = false;
        MambaTransformer validated = Train.Fit(_ml, View(rows), options);
        Assert.Equal(model.FramePreparation.ToJson(), validated.FramePreparation!.ToJson());
        Assert.Equal(Read.Accuracy(_ml, validated.Transform(View(outliers))), validated.History.Epochs[^1].ValidationAccuracy!.Value, 1e-9);
        Assert.Equal(0.5, validated.History.Epochs[^1].ValidationAccuracy!.Value, 1e-9);
    }

    [Theory]
    [InlineData(FrameNormalization.TrainingSet)]
    [InlineData(FrameNormalization.PerSequence)]
    public void ValuesThatAreCutOff_HaveNoInfluence(FrameNormalization normalization)
    {
        MambaTransformer Fit(FrameRow[] rows)
        {
            MambaClassificationOptions options = Options(MissingValues.CarryForward, normalization);
            (options.MaxLength, options.Truncation) = (3, MambaTruncation.Tail);
            return Train.Fit(_ml, View(rows), options);
        }

        FrameRow[] rows = [.. Raw(40, missing: true).Select(row => new FrameRow { Label = row.Label, Sequence = [.. row.Sequence.TakeLast(6)] })];
        FrameRow[] longer = [.. rows.Select(row => new FrameRow { Label = row.Label, Sequence = [1e9f, float.PositiveInfinity, 5, NaN, .. row.Sequence] })];
        Assert.Equal(Scores(Fit(rows), rows), Scores(Fit(longer), longer));
    }

    [Fact]
    public void Errors_NameRowFrameAndChannel_OfTheColumnItself()
    {
        FrameRow[] rows = Raw(40, missing: false);
        rows[7].Sequence[^1] = NaN;
        int frame = rows[7].Sequence.Length / 2 - 1;
        foreach (FrameNormalization normalization in Enum.GetValues<FrameNormalization>())
        {
            MambaClassificationOptions options = Options(MissingValues.Error, normalization);
            (options.MaxLength, options.Truncation) = (2, MambaTruncation.Tail);
            AssertMessage(Assert.Throws<InvalidDataException>(() => Train.Fit(_ml, View(rows), options)), "Row 7", "'Sequence'", "NaN",
                $"frame {frame}", "channel 1", "MissingValues");
        }

        MambaTransformer model = Fit(Raw(40, missing: true), MissingValues.Zero, FrameNormalization.TrainingSet);
        Assert.Equal(40, Scores(model, rows).Length);
        rows[7].Sequence[^1] = float.NegativeInfinity;
        AssertMessage(Assert.Throws<InvalidDataException>(() => Scores(model, rows)), "Row 7", $"frame {frame}", "channel 1", "finite");
        AssertMessage(Assert.Throws<InvalidDataException>(() => Fit(rows, MissingValues.Zero, FrameNormalization.None)), "Row 7", $"frame {frame}", "finite");
    }

    [Fact]
    public void ChannelThatIsNeverKnown_IsWarnedOf_AndMissingValuesAreCounted()
    {
        FrameRow[] rows = Raw(40, missing: false);
        foreach (FrameRow row in rows)
        {
            for (int i = 1; i < row.Sequence.Length; i += 2)
                row.Sequence[i] = NaN;
        }

        var log = new LogRecorder(_ml);
        Assert.Equal(1, Read.Accuracy(_ml, Fit(rows, MissingValues.Zero, FrameNormalization.TrainingSet).Transform(View(rows))));
        int values = rows.Sum(row => row.Sequence.Length);
        Assert.Contains($"{values / 2} of {values} values of the training rows are missing", log.All, StringComparison.Ordinal);
        Assert.Contains("Warning: Column 'Sequence' has no known value in the training rows in channel 1", log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MissingValues.Zero, FrameNormalization.TrainingSet)]
    [InlineData(MissingValues.CarryForward, FrameNormalization.None)]
    public void RowsWithoutAnyNumber_AreRefused(MissingValues missing, FrameNormalization normalization)
    {
        FrameRow[] rows = Raw(40, missing: false);
        foreach (FrameRow row in rows)
            Array.Fill(row.Sequence, NaN);
        string message = Assert.Throws<InvalidOperationException>(() => Fit(rows, missing, normalization)).Message;
        Assert.Contains(
            $"Column 'Sequence' has no number in any of the training rows: all {rows.Sum(row => row.Sequence.Length)} values", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void OtherKindsOfColumns_RefuseTheOptions()
    {
        Action<MambaClassificationOptions>[] changes =
            [o => o.MissingValues = MissingValues.Zero, o => o.FrameNormalization = FrameNormalization.None];
        foreach (Action<MambaClassificationOptions> change in changes)
        {
            MambaClassificationOptions options = Train.Options();
            change(options);
            AssertMessage(Assert.Throws<ArgumentException>(() => Train.Fit(_ml, Train.DnaKeys(_ml), options)), "MissingValues", "FrameNormalization", "'Sequence'");
            Assert.Throws<ArgumentException>(() => new EstimatorChain<MambaTransformer>().Append(_ml.Transforms.MambaClassify(options)).Fit(Train.DnaKeys(_ml)));
        }
    }

    // Two channels of very different size and level; the label is in the first.
    private static FrameRow[] Raw(int count, bool missing)
    {
        var random = new Random(4);
        float Value(int row, int i) => missing && random.NextDouble() < 0.2 ? NaN
            : i % 2 == 0 ? 1000 + 100 * ((row % 2 == 0 ? 1 : -1) + random.NextSingle()) : 0.001f * random.NextSingle();
        return [.. Enumerable.Range(0, count).Select(row => new FrameRow
        {
            Label = row % 2 == 0 ? "up" : "down",
            Sequence = [.. Enumerable.Range(0, 2 * random.Next(4, 9)).Select(i => Value(row, i))],
        })];
    }

    private static MambaClassificationOptions Options(MissingValues missing, FrameNormalization normalization)
    {
        MambaClassificationOptions options = Train.Options();
        (options.InputChannels, options.MissingValues, options.FrameNormalization) = (2, missing, normalization);
        return options;
    }

    private IDataView View(FrameRow[] rows) => Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));

    private MambaTransformer Fit(FrameRow[] rows, MissingValues missing, FrameNormalization normalization) =>
        Train.Fit(_ml, View(rows), Options(missing, normalization));

    private float[][] Scores(MambaTransformer model, FrameRow[] rows) => Read.Vectors(model.Transform(View(rows)), "Score");

    private TransformerChain<ITransformer> Chain(MambaTransformer model, FrameRow[] rows) =>
        new(model, _ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(model.Transform(View(rows))));

    private static void AssertMessage(Exception error, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
}

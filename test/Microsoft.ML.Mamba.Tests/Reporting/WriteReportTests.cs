using System.Xml.Linq;
using Microsoft.ML.Mamba.Reporting;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Reporting;

public sealed class WriteReportTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();
    private readonly IDataView _train;
    private readonly IDataView _test;
    private readonly ITransformer _model;

    public WriteReportTests()
    {
        _train = _ml.Data.LoadFromEnumerable(Rows.Dna(60));
        _test = _ml.Data.LoadFromEnumerable(Rows.Dna(30, seed: 2));
        MambaClassificationOptions options = Train.Options();
        options.ValidationFraction = 0.2f;
        _model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.MambaClassify(options))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(_train);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Chain_IsEvaluatedAsTheMetricsAre()
    {
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(_model.Transform(_test));
        TestEvaluation test = TestEvaluation.Of(Classifier(_model), _model.Transform(_test));
        Assert.Equal((30, 0, 0), (test.Rows, test.Unlabelled, test.Unscored));
        Assert.Equal(metrics.MicroAccuracy, test.Accuracy, 1e-12);
        Assert.Equal(metrics.LogLoss, test.Loss, 1e-6);
        for (int label = 0; label < 2; label++)
        {
            for (int predicted = 0; predicted < 2; predicted++)
                Assert.Equal(metrics.ConfusionMatrix.Counts[label][predicted], test.Confusion![label, predicted]);
        }

        string page = Report(_model, _test, "Bacteria");
        Assert.Contains("Test rows: 30", page);
        Assert.Contains("Validation rows: 12", page);
        Assert.Contains("Bacteria", page);
        Assert.Contains("gc", page);
    }

    [Fact]
    public void Transformer_NeedsNoTestSet()
    {
        string page = Report(Classifier(_model), null);
        Assert.DoesNotContain("Test", page);
        Assert.Contains("Training report", page);
        Assert.Contains("Validation rows: 12", page);
    }

    [Fact]
    public void TestRowsThatWereTrainedOn_AreWarnedOf_InLogAndReport()
    {
        const string Warning = "3 of 33 test rows have a sequence that is in the training data as well: the test looks better";
        var log = new LogRecorder(_ml);
        IDataView overlapping = _ml.Data.LoadFromEnumerable(Rows.Dna(60).Take(3).Concat(Rows.Dna(30, seed: 2)));
        Assert.Contains(Warning, Report(_model, overlapping));
        Assert.Contains($"Warning: {Warning}", log.All);
        Assert.DoesNotContain("training data as well", Report(_model, _test));
        // One row may be like another by chance.
        Assert.DoesNotContain("training data as well", Report(_model, _ml.Data.LoadFromEnumerable(Rows.Dna(60).Take(1).Concat(Rows.Dna(30, seed: 2)))));
        // Without the column there is nothing to compare, and a saved model does not hold its training rows.
        var dropped = (ITransformer)new TransformerChain<ITransformer>(_model, _ml.Transforms.DropColumns("Sequence").Fit(_model.Transform(_train)));
        Assert.DoesNotContain("training data as well", Report(dropped, overlapping));
        _ml.Model.Save(_model, _train.Schema, _folder.PathOf("loaded.zip"));
        Assert.DoesNotContain("training data as well", Report(_ml.Model.Load(_folder.PathOf("loaded.zip"), out _), overlapping));
    }

    [Fact]
    public void FramesThatWereTrainedOn_AreKnownAfterNormalisation()
    {
        FrameRow[] rows = Rows.Series(40, channels: 2);
        IDataView data = Train.SeriesKeys(_ml, 40, channels: 2);
        MambaClassificationOptions options = Train.Options();
        options.InputChannels = 2;
        Assert.Contains("40 of 40 test rows", Report(Train.Fit(_ml, data, options), data));
    }

    [Fact]
    public void LoadedModel_GivesTheSameReport()
    {
        string path = _folder.PathOf("model.zip");
        _ml.Model.Save(_model, _train.Schema, path);
        string before = Report(_model, _test).Replace("engine fake", ""),
            after = Report(_ml.Model.Load(path, out _), _test).Replace("engine cpu", "");
        Assert.Equal(before.Split("Test log-loss")[0], after.Split("Test log-loss")[0]);
        Assert.Equal(before.Split('\n').Length, after.Split('\n').Length);
    }

    [Fact]
    public void RowsWithoutLabel_AreLeftOut()
    {
        TextRow[] rows = Rows.Dna(10);
        rows[3].Label = "unknown";
        Assert.Contains("1 test rows have no label and are left out.", Report(_model, _ml.Data.LoadFromEnumerable(rows)));
        foreach (TextRow row in rows)
            row.Label = "unknown";
        Exception exception = Assert.Throws<InvalidOperationException>(() => Report(_model, _ml.Data.LoadFromEnumerable(rows)));
        Assert.Equal("No row of the test set has both a label in column 'Label' and a score.", exception.Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void RowsWithoutScore_AreLeftOut()
    {
        MambaClassificationOptions options = Train.Options();
        options.EmptySequences = MambaEmptySequence.Missing;
        IDataView keyed = Train.DnaKeys(_ml, 40);
        MambaTransformer model = Train.Fit(_ml, keyed, options);
        TextRow[] rows = Rows.Dna(10);
        rows[0].Sequence = rows[5].Sequence = "";
        TestEvaluation test = TestEvaluation.Of(model, model.Transform(Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows))));
        Assert.Equal((8, 0, 2), (test.Rows, test.Unlabelled, test.Unscored));
    }

    [Fact]
    public void WrongInput_IsRefused()
    {
        MambaTransformer model = Classifier(_model);
        Assert.Contains("A model with a MambaTransformer in it is expected; got",
            Assert.Throws<ArgumentException>("model", () => Report(_ml.Transforms.CopyColumns("A", "Label").Fit(_train), null)).Message);
        Assert.Throws<ArgumentNullException>("model", () => Report(null!, null));
        Assert.Throws<ArgumentException>("path", () => _model.WriteReport(""));
        Assert.Throws<DirectoryNotFoundException>(() => _model.WriteReport(_folder.PathOf("absent/report.html")));
        Assert.StartsWith("Label column 'Label' has type String", Assert.Throws<ArgumentException>(() => Report(model, _test)).Message);
        IDataView three = Train.WithKeys(_ml,
            _ml.Data.LoadFromEnumerable(Rows.Dna(9).Select((row, i) => new TextRow { Label = $"{i % 3}", Sequence = row.Sequence })));
        Assert.StartsWith("Label column 'Label' of the test set has 3 key values; the model has 2 classes.",
            Assert.Throws<ArgumentException>(() => Report(model, three)).Message);
        IDataView unlabelled = _ml.Transforms.SelectColumns("Sequence").Fit(_test).Transform(_test);
        Assert.StartsWith("The test set, transformed by the model, has no column 'Label'.",
            Assert.Throws<ArgumentException>(() => Report(model, unlabelled)).Message);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Report(model, null));
    }

    private static MambaTransformer Classifier(ITransformer model) =>
        ((IEnumerable<ITransformer>)model).OfType<MambaTransformer>().Single();

    private string Report(ITransformer model, IDataView? test, string? title = null)
    {
        string path = _folder.PathOf("report.html");
        model.WriteReport(path, test, title);
        string page = Reports.Shown(XDocument.Parse(File.ReadAllText(path)));
        File.Delete(path);
        return page;
    }
}

using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Scoring;

public class PredictionEngineTests
{
    private readonly MLContext _ml = new(1);
    private readonly FakeEngine _engine = new();

    [Fact]
    public void PredictsAsBatchesDo_ByOneForwardPassARow()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Dna(30));
        TransformerChain<Transforms.KeyToValueMappingTransformer> model = Pipeline().Fit(data);
        float[][] expected = Read.Vectors(model.Transform(data), "Score");
        using PredictionEngine<TextRow, Prediction> engine = _ml.Model.CreatePredictionEngine<TextRow, Prediction>(model);
        int before = _engine.ForwardPasses;
        TextRow[] rows = Rows.Dna(30);
        for (int i = 0; i < rows.Length; i++)
        {
            Prediction prediction = engine.Predict(rows[i]);
            Assert.Equal(rows[i].Label, prediction.PredictedLabel);
            Assert.Equal(expected[i], prediction.Score);
        }

        Assert.Equal(rows.Length, _engine.ForwardPasses - before);
    }

    [Fact]
    public void FailedRow_DoesNotLeaveTheLastOnesScores()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Dna(30));
        using PredictionEngine<TextRow, Prediction> engine = _ml.Model.CreatePredictionEngine<TextRow, Prediction>(Pipeline().Fit(data));
        float[] score = engine.Predict(Rows.Dna(1)[0]).Score;
        Assert.Throws<InvalidDataException>(() => engine.Predict(new TextRow { Sequence = "" }));
        Assert.Equal(score, engine.Predict(Rows.Dna(1)[0]).Score);
    }

    [Fact]
    public void Dispose_DisposesTheTransformer_WhichThenRefuses()
    {
        IDataView data = Train.DnaKeys(_ml);
        MambaTransformer model = Train.Fit(_ml, data, Train.Options(_engine));
        IDataView scored = model.Transform(data);
        _ml.Model.CreatePredictionEngine<KeyRow, KeyPrediction>(model).Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Transform(data));
        Assert.Throws<ObjectDisposedException>(() => model.GetRowToRowMapper(data.Schema));
        Assert.Throws<ObjectDisposedException>(() => Read.Vectors(scored, "Score"));
        using var folder = new TempFolder();
        Assert.Throws<ObjectDisposedException>(() => model.ExportTo(folder.Path));
        Assert.Throws<ObjectDisposedException>(() => _ml.Model.Save(model, data.Schema, folder.PathOf("m.zip")));
        Assert.Equal(40, Read.Column<int>(scored, "Id").Length);
        Assert.Equal(2, model.Labels.Count);
        model.Dispose();
    }

    [Fact]
    public void Mapper_AsksForTheSequenceOnlyWhereScoresAreWanted()
    {
        IDataView data = Train.DnaKeys(_ml);
        IRowToRowMapper mapper = Train.Fit(_ml, data, Train.Options(_engine)).GetRowToRowMapper(data.Schema);
        Assert.Equal(["Id"], mapper.GetDependencies([mapper.OutputSchema["Id"]]).Select(column => column.Name));
        Assert.Equal(["Sequence"], mapper.GetDependencies([mapper.OutputSchema["Score"]]).Select(column => column.Name));
        Assert.Equal(["Sequence", "Id"], mapper.GetDependencies([mapper.OutputSchema["PredictedLabel"], mapper.OutputSchema["Id"]]).Select(column => column.Name));
    }

    private EstimatorChain<Transforms.KeyToValueMappingTransformer> Pipeline() => _ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(_ml.Transforms.MambaClassify(Train.Options(_engine)))
        .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    private sealed class KeyRow
    {
        public string Sequence { get; set; } = "";
    }

    private sealed class KeyPrediction
    {
        public float[] Score { get; set; } = [];
    }
}

using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Outputs;

/// <summary>Features of several models stand one behind another; their saliency is averaged.</summary>
public sealed class EnsembleOutputTests : IDisposable
{
    private const int Models = 3, Width = 16;
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();
    private readonly IDataView _data;
    private readonly MambaTransformer _model;

    public EnsembleOutputTests()
    {
        _data = Train.SeriesKeys(_ml, 20);
        MambaClassificationOptions options = Train.Options();
        (options.EngineOverride, options.MaxEpochs, options.EnsembleSize) = (null, 2, Models);
        (options.FeatureColumnName, options.SaliencyColumnName) = ("Vector", "Why");
        _model = Train.Fit(_ml, _data, options);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Features_HaveEveryModelsValues_AndGiveTheScores()
    {
        IDataView scored = _model.Transform(_data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, Models * Width), scored.Schema["Vector"].Type);
        float[][] features = Read.Vectors(scored, "Vector"), scores = Read.Vectors(scored, "Score");
        Assert.All(features, row => Assert.NotEqual(row[..Width], row[Width..(2 * Width)]));
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<VBuffer<float>> together = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<float> value = default;
        for (int row = 0; cursor.MoveNext(); row++)
        {
            together(ref value);
            Assert.All(value.DenseValues().Zip(scores[row]), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        }

        MambaOutputTransformer featurizer = _ml.Transforms.MambaFeaturize(_model).Fit(_data);
        Assert.Equal(features, Read.Vectors(featurizer.Transform(_data), "Features"));
        _ml.Model.Save(featurizer, _data.Schema, _folder.PathOf("f.zip"));
        ITransformer loaded = _ml.Model.Load(_folder.PathOf("f.zip"), out _);
        Assert.Equal(features, Read.Vectors(loaded.Transform(_data), "Features"));
    }

    [Fact]
    public void ScoresBesideFeaturesAlone_AreThoseOfAPlainScoring()
    {
        IDataView scored = _model.Transform(_data);
        float[][] scores = Read.Vectors(scored, "Score");
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"], scored.Schema["Vector"]]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<float> value = default;
        for (int row = 0; cursor.MoveNext(); row++)
        {
            score(ref value);
            Assert.All(value.DenseValues().Zip(scores[row]), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        }
    }

    [Fact]
    public void Saliency_IsOfThePredictedClass_AndTheMeanOfTheModels()
    {
        IDataView scored = _model.Transform(_data);
        float[][] why = Read.Vectors(scored, "Why");
        uint[] labels = Read.Column<uint>(scored, "PredictedLabel");
        float[][][] ofClass = [.. _model.Labels.Select(label =>
            Read.Vectors(_ml.Transforms.MambaSaliency(_model, label: label).Fit(_data).Transform(_data), "Saliency"))];
        for (int row = 0; row < why.Length; row++)
            Assert.Equal(ofClass[labels[row] - 1][row], why[row]);
        Assert.Contains(why, row => row.Any(value => value != 0));
    }
}

using ThirdParty;
using Result = Microsoft.ML.TrainCatalogBase.CrossValidationResult<Microsoft.ML.Data.MulticlassClassificationMetrics>;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class CrossValidateTests
{
    private readonly MLContext _ml = new(1);

    private IReadOnlyList<Result> Validate(int folds, IDataView? data = null, int? seed = null) =>
        _ml.MulticlassClassification.CrossValidate(data ?? Animals.Data(_ml, copies: 50), Animals.Pipeline(_ml), folds, seed: seed);

    [Fact]
    public void EveryFold_HasItsModelMetricsAndScores()
    {
        IReadOnlyList<Result> results = Validate(3);

        Assert.Equal([0, 1, 2], results.Select(result => result.Fold));
        Assert.All(results, result =>
        {
            Assert.IsType<TransformerChain<NearestMeanTransformer>>(result.Model);
            Assert.Equal(1, result.Metrics.MicroAccuracy);
            Assert.Equal(["ant", "bee"], Read.KeyValues(result.ScoredHoldOutSet, "PredictedLabel").Order(StringComparer.Ordinal));
        });
    }

    [Fact]
    public void HoldOutSets_CoverTheDataOnce() =>
        Assert.Equal(200, Validate(4).Sum(result => Read.Column<uint>(result.ScoredHoldOutSet, "PredictedLabel").Count));

    [Fact]
    public void Metrics_AreThoseOfTheScoredHoldOutSet()
    {
        IDataView noisy = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300)
            .Select(row => new Animals.Row { Label = row * 7 % 10 < 5 ? "ant" : "bee", Value = row * 13 % 29 }).ToList());

        Assert.All(Validate(3, noisy), result =>
        {
            MulticlassClassificationMetrics again = _ml.MulticlassClassification.Evaluate(result.ScoredHoldOutSet);
            Assert.Equal(again.MicroAccuracy, result.Metrics.MicroAccuracy);
            Assert.Equal(again.LogLoss, result.Metrics.LogLoss);
            Assert.NotNull(result.Metrics.ConfusionMatrix);
        });
    }

    [Fact]
    public void Models_AreTrainedOnTheOtherFolds()
    {
        IDataView spread = _ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 100).Select(row => new Animals.Row { Label = row % 2 == 0 ? "ant" : "bee", Value = row }).ToList());
        float[] means = Validate(2, spread).Select(result => ((TransformerChain<NearestMeanTransformer>)result.Model).LastTransformer.Means[0]).ToArray();

        Assert.NotEqual(means[0], means[1]);
    }

    [Fact]
    public void FiveFolds_AreTheDefault() =>
        Assert.Equal(5, _ml.MulticlassClassification.CrossValidate(Animals.Data(_ml, copies: 50), Animals.Pipeline(_ml)).Count);

    [Fact]
    public void OneFold_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => Validate(1));

    [Fact]
    public void TheLabelColumn_MayHaveAnotherName()
    {
        EstimatorChain<NearestMeanTransformer> pipeline = _ml.Transforms.Conversion.MapValueToKey("Class", "Label")
            .Append(new NearestMeanEstimator(_ml, "Class", "Value"));

        Assert.All(_ml.MulticlassClassification.CrossValidate(Animals.Data(_ml, copies: 50), pipeline, 2, labelColumnName: "Class"),
            result => Assert.Equal(1, result.Metrics.MicroAccuracy));
    }
}

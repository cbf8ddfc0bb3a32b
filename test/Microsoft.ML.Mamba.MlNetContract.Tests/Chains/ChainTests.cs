using Microsoft.ML.Transforms;
using ThirdParty;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class ChainTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _notes = [];

    private class Row
    {
        public float Value { get; set; }
    }

    private Recorder Step(string name, int passes = 0) => new(_ml, name, _notes, passes);

    private (IDataView View, Func<int> Passes) Counted()
    {
        int passes = 0;
        IEnumerable<Row> Rows()
        {
            passes++;
            for (int row = 0; row < 10; row++)
                yield return new Row { Value = row };
        }
        return (_ml.Data.LoadFromEnumerable(Rows()), () => passes);
    }

    [Fact]
    public void Fit_ChecksEveryShapeBeforeItFitsInOrder()
    {
        Step("A").Append(Step("B")).Append(Step("C")).Fit(Animals.Data(_ml));

        Assert.Equal(["A shape", "B shape", "C shape", "A fit", "B fit", "C fit"], _notes);
    }

    [Fact]
    public void EveryStep_SeesTheOutputOfTheOnesBefore()
    {
        IDataView data = Animals.Data(_ml);
        TransformerChain<ITransformer> model = Step("A").Append(Step("B")).Fit(data);

        Assert.Equal(["Label", "Value", "A", "B"], Read.Names(model.Transform(data)));
    }

    [Fact]
    public void Append_LeavesTheChainItStartsFromAlone()
    {
        EstimatorChain<ITransformer> start = new EstimatorChain<ITransformer>().Append(Step("A"));
        start.Append(Step("B")).Fit(Animals.Data(_ml));
        _notes.Clear();
        start.Fit(Animals.Data(_ml));

        Assert.Equal(["A shape", "A fit"], _notes);
    }

    [Fact]
    public void Chain_EnumeratesItsTransformersInOrder_AlsoWhenItWasSavedAndLoaded()
    {
        IDataView data = Animals.Data(_ml);
        ITransformer model = _ml.Transforms.CopyColumns("A", "Value").Append(_ml.Transforms.Conversion.MapValueToKey("Key", "Label")).Fit(data);
        var saved = new MemoryStream();
        _ml.Model.Save(model, data.Schema, saved);
        saved.Position = 0;

        foreach (ITransformer chain in new[] { model, _ml.Model.Load(saved, out _) })
        {
            IEnumerable<ITransformer> parts = Assert.IsAssignableFrom<IEnumerable<ITransformer>>(chain);
            Assert.Equal(["ColumnCopyingTransformer", "ValueToKeyMappingTransformer"], parts.Select(part => part.GetType().Name));
        }
    }

    [Fact]
    public void LastTransformerAndEstimator_AreTyped()
    {
        EstimatorChain<NearestMeanTransformer> pipeline = Animals.Pipeline(_ml);
        TransformerChain<NearestMeanTransformer> model = pipeline.Fit(Animals.Data(_ml));

        Assert.IsType<NearestMeanEstimator>(pipeline.LastEstimator);
        Assert.Equal([0f, 10f], model.LastTransformer.Means);
        Assert.Collection(model, step => Assert.IsType<ValueToKeyMappingTransformer>(step), step => Assert.Same(model.LastTransformer, step));
    }

    [Fact]
    public void AnEmptyChain_PassesItsInputThrough()
    {
        IDataView data = Animals.Data(_ml);
        TransformerChain<ITransformer> model = new EstimatorChain<ITransformer>().Fit(data);

        Assert.Empty(model);
        Assert.Null(model.LastTransformer);
        Assert.Same(data, model.Transform(data));
    }

    [Fact]
    public void CacheCheckpoint_ReadsTheStepsBeforeOnce()
    {
        (IDataView plain, Func<int> plainPasses) = Counted();
        _ml.Transforms.CopyColumns("Copy", "Value").Append(Step("A", passes: 3)).Fit(plain);
        (IDataView cached, Func<int> cachedPasses) = Counted();
        _ml.Transforms.CopyColumns("Copy", "Value").AppendCacheCheckpoint(_ml).Append(Step("A", passes: 3)).Fit(cached);

        Assert.Equal(3, plainPasses());
        Assert.Equal(1, cachedPasses());
    }

    [Fact]
    public void CacheCheckpoint_LeavesNoTraceInTheModel()
    {
        IDataView data = Animals.Data(_ml);
        TransformerChain<ITransformer> model = _ml.Transforms.CopyColumns("Copy", "Value").AppendCacheCheckpoint(_ml).Append(Step("A")).Fit(data);

        Assert.Equal(2, model.Count());
        Assert.Equal(4, Read.Column<float>(model.Transform(data), "Copy").Count);
    }

    [Fact]
    public void CacheCheckpoint_OfAnEmptyChain_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new EstimatorChain<ITransformer>().AppendCacheCheckpoint(_ml));

    [Fact]
    public void Scope_DecidesWhatScoringRuns()
    {
        IDataView data = Animals.Data(_ml);
        TransformerChain<ITransformer> model = new EstimatorChain<ITransformer>().Append(Step("A"), TransformerScope.TrainTest).Append(Step("B")).Fit(data);

        Assert.Equal(["Label", "Value", "B"], Read.Names(model.Transform(data)));
        Assert.Equal(["Label", "Value", "A", "B"], Read.Names(model.Transform(data, TransformerScope.Everything)));
        Assert.Equal(2, model.GetModelFor(TransformerScope.Testing).Count());
        Assert.Single(model.GetModelFor(TransformerScope.Scoring));
    }

    [Fact]
    public void Scopes_SurviveSaveAndLoad()
    {
        IDataView data = Animals.Data(_ml);
        ITransformer model = new EstimatorChain<ITransformer>().Append(Step("A"), TransformerScope.TrainTest).Append(Step("B")).Fit(data);

        Assert.Equal(["Label", "Value", "B"], Read.Names(Saved.RoundTrip(model, data.Schema).Transform(data)));
    }

    [Fact]
    public void TransformerAppend_JoinsFittedSteps()
    {
        IDataView data = Animals.Data(_ml);
        ITransformer first = _ml.Transforms.CopyColumns("A", "Value").Fit(data);
        TransformerChain<ColumnCopyingTransformer> chain = first.Append(_ml.Transforms.CopyColumns("B", "A").Fit(first.Transform(data)));

        Assert.Equal([-1f, 9f, 1f, 11f], Read.Column<float>(chain.Transform(data), "B"));
    }

    [Fact]
    public void WithOnFitDelegate_SeesTheFittedTransformer()
    {
        NearestMeanTransformer? seen = null;
        TransformerChain<NearestMeanTransformer> model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(new NearestMeanEstimator(_ml, "Label", "Value").WithOnFitDelegate(fitted => seen = fitted)).Fit(Animals.Data(_ml));

        Assert.Same(model.LastTransformer, seen);
    }

    [Fact]
    public void Dispose_DisposesEveryStep()
    {
        TransformerChain<NearestMeanTransformer> model = Animals.Pipeline(_ml).Fit(Animals.Data(_ml));
        model.Dispose();

        Assert.True(model.LastTransformer.Disposed);
    }
}

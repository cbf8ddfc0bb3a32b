using ThirdParty;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class PredictionEngineTests
{
    private readonly MLContext _ml = new(1);

    private class Input
    {
        public float Value { get; set; }
        public string Label { get; set; } = "";
    }

    private class ValueOnly
    {
        public float Value { get; set; }
    }

    private class LabelOnly
    {
        public string Label { get; set; } = "";
    }

    private class WrongInput
    {
        public int Value { get; set; }
        public string Label { get; set; } = "";
    }

    private class Output
    {
        public uint PredictedLabel { get; set; }
        public float[] Score { get; set; } = [];
        public string Name { get; set; } = "";
        public float Value { get; set; }
    }

    private class Extra
    {
        public uint PredictedLabel { get; set; }
        public float Absent { get; set; } = 7;
    }

    private class WrongOutput
    {
        public string Score { get; set; } = "";
    }

    private ITransformer Model(out NearestMeanTransformer classifier)
    {
        IDataView data = Animals.Data(_ml);
        TransformerChain<NearestMeanTransformer> chain = Animals.Pipeline(_ml).Fit(data);
        classifier = chain.LastTransformer;
        return chain.Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel").Fit(chain.Transform(data)));
    }

    [Fact]
    public void OneRow_GivesEveryOutputColumn()
    {
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Model(out NearestMeanTransformer classifier));
        Output output = engine.Predict(new Input { Value = 8 });

        Assert.Equal(2u, output.PredictedLabel);
        Assert.Equal("bee", output.Name);
        Assert.Equal(classifier.Score(8), output.Score);
        Assert.Equal(8f, output.Value);
    }

    [Fact]
    public void EveryCall_ReadsItsOwnRowAndGivesItsOwnObject()
    {
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Model(out NearestMeanTransformer classifier));
        Output first = engine.Predict(new Input { Value = 0 }), second = engine.Predict(new Input { Value = 10 }), third = engine.Predict(new Input { Value = 4 });

        Assert.Equal(["ant", "bee", "ant"], new[] { first, second, third }.Select(output => output.Name));
        Assert.NotSame(first, second);
        Assert.NotSame(first.Score, second.Score);
        Assert.Equal(classifier.Score(0), first.Score);
    }

    [Fact]
    public void EveryCall_HasARowPositionOfItsOwn()
    {
        using PredictionEngine<Input, Extra> engine = _ml.Model.CreatePredictionEngine<Input, Extra>(Model(out NearestMeanTransformer classifier));
        for (int call = 0; call < 3; call++)
            engine.Predict(new Input { Value = call });

        Assert.Equal(3, classifier.Positions.Distinct().Count());
        Assert.All(classifier.Positions, position => Assert.True(position >= 0));
    }

    [Fact]
    public void AGivenObject_IsFilledAgain()
    {
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Model(out _));
        var output = new Output();
        Output same = output;
        engine.Predict(new Input { Value = 10 }, ref output);

        Assert.Same(same, output);
        Assert.Equal("bee", output.Name);
    }

    [Fact]
    public void AMissingInputColumn_Throws()
    {
        ITransformer model = Model(out _);

        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<LabelOnly, Output>(model));
    }

    [Fact]
    public void AMissingLabelColumn_ThrowsWhenTheModelHoldsItsMapping()
    {
        ITransformer model = Model(out _);

        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<ValueOnly, Output>(model));
    }

    [Fact]
    public void AMissingLabelColumn_IsNoMatterToTheClassifierAlone()
    {
        _ = Model(out NearestMeanTransformer classifier);
        using PredictionEngine<ValueOnly, Extra> engine = _ml.Model.CreatePredictionEngine<ValueOnly, Extra>(classifier);

        Assert.Equal(2u, engine.Predict(new ValueOnly { Value = 11 }).PredictedLabel);
    }

    [Fact]
    public void TheMappingsScope_LetsScoringGoWithoutTheLabel()
    {
        IDataView data = Animals.Data(_ml);
        ITransformer model = new EstimatorChain<ITransformer>().Append(_ml.Transforms.Conversion.MapValueToKey("Label"), TransformerScope.TrainTest)
            .Append(new NearestMeanEstimator(_ml, "Label", "Value")).Fit(data).GetModelFor(TransformerScope.Scoring);
        using PredictionEngine<ValueOnly, Extra> engine = _ml.Model.CreatePredictionEngine<ValueOnly, Extra>(model);

        Assert.Equal(1u, engine.Predict(new ValueOnly { Value = 1 }).PredictedLabel);
    }

    [Fact]
    public void MembersWithoutAnOutputColumn_AreLeftAloneUnlessTheyMustExist()
    {
        ITransformer model = Model(out _);
        using PredictionEngine<Input, Extra> engine = _ml.Model.CreatePredictionEngine<Input, Extra>(model);
        Assert.Equal(7f, engine.Predict(new Input { Value = 1 }).Absent);

        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<Input, Extra>(model, ignoreMissingColumns: false));
    }

    [Fact]
    public void MembersOfAnotherType_Throw()
    {
        ITransformer model = Model(out _);

        Assert.Throws<InvalidOperationException>(() => _ml.Model.CreatePredictionEngine<Input, WrongOutput>(model));
        Assert.Throws<InvalidOperationException>(() => _ml.Model.CreatePredictionEngine<WrongInput, Extra>(model).Predict(new WrongInput { Value = 1 }));
    }

    [Fact]
    public void ASchema_DecidesTheInputsTypes()
    {
        ITransformer model = Model(out _);
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(model, Animals.Data(_ml).Schema);

        Assert.Equal("bee", engine.Predict(new Input { Value = 12 }).Name);
    }

    [Fact]
    public void OutputSchema_IsTheModels()
    {
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Model(out _));

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), engine.OutputSchema["Score"].Type);
        Assert.Equal(TextDataViewType.Instance, engine.OutputSchema["Name"].Type);
    }

    [Fact]
    public void Dispose_DisposesTheModelUnlessToldOtherwise()
    {
        _ml.Model.CreatePredictionEngine<Input, Output>(Model(out NearestMeanTransformer owned)).Dispose();
        Assert.True(owned.Disposed);

        _ml.Model.CreatePredictionEngine<Input, Output>(Model(out NearestMeanTransformer kept), new PredictionEngineOptions { OwnsTransformer = false }).Dispose();
        Assert.False(kept.Disposed);
    }

    [Fact]
    public void ALoadedModel_PredictsTheSame()
    {
        ITransformer model = Model(out NearestMeanTransformer classifier);
        using PredictionEngine<Input, Output> engine = _ml.Model.CreatePredictionEngine<Input, Output>(Saved.RoundTrip(model, Animals.Data(_ml).Schema));

        Assert.Equal(classifier.Score(6), engine.Predict(new Input { Value = 6 }).Score);
    }
}

using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Schema;

public class AnnotationTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void OutputColumns_HaveTypesAndAnnotations()
    {
        IDataView data = Train.DnaKeys(_ml);
        DataViewSchema schema = Train.Fit(_ml, data).GetOutputSchema(data.Schema);
        DataViewSchema.Column label = schema["PredictedLabel"], score = schema["Score"];
        Assert.Equal(new KeyDataViewType(typeof(uint), 2), label.Type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), score.Type);
        Assert.Equal(["gc", "at"], Read.Names(label, "KeyValues"));
        Assert.Equal(["gc", "at"], Read.Names(score, "SlotNames"));
        Assert.Equal(["gc", "at"], Read.Names(score, "TrainingLabelValues"));
        Assert.Equal("MulticlassClassification", Text(score, "ScoreColumnKind"));
        Assert.Equal("MulticlassClassification", Text(label, "ScoreColumnKind"));
        Assert.Equal("Score", Text(score, "ScoreValueKind"));
        Assert.Equal("PredictedLabel", Text(label, "ScoreValueKind"));
        Assert.Equal(1u, SetId(score));
        Assert.Equal(1u, SetId(label));
    }

    [Fact]
    public void SecondScorer_HasAScoreColumnSetOfItsOwn()
    {
        IDataView data = Train.DnaKeys(_ml);
        MambaTransformer model = Train.Fit(_ml, data);
        IDataView twice = model.Transform(model.Transform(data));
        Assert.Equal(2u, SetId(twice.Schema["Score"]));
        Assert.Equal(2, twice.Schema.Count(column => column.Name == "Score"));
    }

    [Fact]
    public void SchemaShape_AgreesWithTheSchema()
    {
        IDataView data = Train.DnaKeys(_ml);
        var probe = new ShapeProbe(_ml);
        IDataView scored = _ml.Transforms.MambaClassify(Train.Options()).Append(probe).Fit(data).Transform(data);
        Assert.Equal(scored.Schema.Where(column => !column.IsHidden && column.Name != "Probe").Select(column => column.Name),
            probe.Shape!.Select(column => column.Name));
        foreach (SchemaShape.Column column in probe.Shape!)
        {
            DataViewSchema.Column real = scored.Schema[column.Name];
            DataViewType item = real.Type is VectorDataViewType vector ? vector.ItemType : real.Type;
            Assert.Equal(column.IsKey, item is KeyDataViewType);
            Assert.Equal(column.ItemType.RawType, item.RawType);
            Assert.Equal(column.Kind != SchemaShape.Column.VectorKind.Scalar, real.Type is VectorDataViewType);
            Assert.Equal(real.Annotations.Schema.Select(annotation => annotation.Name).Order(), column.Annotations.Select(annotation => annotation.Name).Order());
        }
    }

    [Fact]
    public void MapKeyToValue_GivesTheLabelsBack()
    {
        EstimatorChain<Transforms.KeyToValueMappingTransformer> pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.MambaClassify(Train.Options()))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Dna(40));
        IDataView scored = pipeline.Fit(data).Transform(data);
        Assert.Equal(Rows.Dna(40).Select(row => row.Label), Read.Text(scored, "PredictedLabel"));
    }

    [Fact]
    public void ConfusionTable_NamesTheClasses()
    {
        IDataView data = Train.DnaKeys(_ml);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(Train.Fit(_ml, data).Transform(data));
        Assert.Equal(1, metrics.MicroAccuracy);
        Assert.Contains("gc", metrics.ConfusionMatrix.GetFormattedConfusionTable(), StringComparison.Ordinal);
        Assert.True(metrics.LogLoss < 0.5);
    }

    [Fact]
    public void Scores_AreProbabilities()
    {
        IDataView data = Train.DnaKeys(_ml);
        Assert.All(Read.Vectors(Train.Fit(_ml, data).Transform(data), "Score"), scores =>
        {
            Assert.True(Math.Abs(scores.Sum() - 1) <= 1e-6);
            Assert.All(scores, score => Assert.InRange(score, 0, 1));
        });
    }

    private static string Text(DataViewSchema.Column column, string annotation)
    {
        ReadOnlyMemory<char> value = default;
        column.Annotations.GetValue(annotation, ref value);
        return value.ToString();
    }

    private static uint SetId(DataViewSchema.Column column)
    {
        uint value = 0;
        column.Annotations.GetValue("ScoreColumnSetId", ref value);
        return value;
    }
}

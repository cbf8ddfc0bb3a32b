namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class ColumnTransformTests
{
    private static readonly MLContext Ml = new(1);

    private class Row
    {
        public float A { get; set; }
        public float B { get; set; }
        [VectorType(2)] public float[] V { get; set; } = [0, 0];
        public float[] Any { get; set; } = [];
        public string Text { get; set; } = "";
        public string Label { get; set; } = "";
    }

    private static IDataView View() => Ml.Data.LoadFromEnumerable(new[]
    {
        new Row { A = 1, B = 2, V = [3, 4], Any = [5], Text = "t", Label = "x" },
        new Row { A = 10, B = 20, V = [30, 40], Any = [], Text = "u", Label = "y" },
    });

    private static IDataView Apply(IEstimator<ITransformer> estimator, bool saved)
    {
        IDataView data = View();
        ITransformer transformer = estimator.Fit(data);
        return (saved ? Saved.RoundTrip(transformer, data.Schema) : transformer).Transform(data);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Concatenate_JoinsScalarsAndVectorsInTheGivenOrder(bool saved)
    {
        IDataView view = Apply(Ml.Transforms.Concatenate("F", "V", "A", "B"), saved);

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 4), view.Schema["F"].Type);
        Assert.Equal([3f, 4f, 1f, 2f], Read.Vectors<float>(view, "F")[0]);
        Assert.Equal([30f, 40f, 10f, 20f], Read.Vectors<float>(view, "F")[1]);
    }

    [Fact]
    public void Concatenate_NamesTheSlotsOfScalars()
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        Apply(Ml.Transforms.Concatenate("F", "A", "B"), saved: false).Schema["F"].GetSlotNames(ref names);

        Assert.Equal(["A", "B"], names.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void Concatenate_WithAVariableVector_IsVariable()
    {
        IDataView view = Apply(Ml.Transforms.Concatenate("F", "A", "Any"), saved: false);

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single), view.Schema["F"].Type);
        Assert.Equal([1f, 5f], Read.Vectors<float>(view, "F")[0]);
        Assert.Equal([10f], Read.Vectors<float>(view, "F")[1]);
    }

    [Fact]
    public void Concatenate_OfDifferentTypesOrUnknownColumns_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(Ml.Transforms.Concatenate("F", "A", "Text"), saved: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(Ml.Transforms.Concatenate("F", "A", "Absent"), saved: false));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void CopyColumns_KeepsTypeValuesAndAnnotations(bool saved)
    {
        IDataView view = Apply(Ml.Transforms.Conversion.MapValueToKey("Label").Append(Ml.Transforms.CopyColumns("Copy", "Label")), saved);

        Assert.Equal([1u, 2u], Read.Column<uint>(view, "Copy"));
        Assert.Equal(["x", "y"], Read.KeyValues(view, "Copy"));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void DropColumns_RemovesThem(bool saved)
    {
        IDataView view = Apply(Ml.Transforms.DropColumns("A", "V"), saved);

        Assert.Equal(["B", "Any", "Text", "Label"], Read.Names(view));
        Assert.Equal([2f, 20f], Read.Column<float>(view, "B"));
    }

    [Fact]
    public void DropColumns_RemovesHiddenColumnsOfTheSameName()
    {
        IDataView view = Apply(Ml.Transforms.Conversion.MapValueToKey("Label").Append(Ml.Transforms.DropColumns("Label")), saved: false);

        Assert.DoesNotContain("Label", Read.Names(view));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void SelectColumns_KeepsThemAlone(bool saved)
    {
        IDataView view = Apply(Ml.Transforms.SelectColumns("Text", "A"), saved);

        Assert.Equal(["Text", "A"], Read.Names(view));
        Assert.Equal(["t", "u"], Read.Text(view, "Text"));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void SelectColumns_KeepsHiddenColumnsWhenAsked(bool saved)
    {
        var mapped = new EstimatorChain<ITransformer>().Append(Ml.Transforms.Conversion.MapValueToKey("Label"));

        Assert.Equal(["Label"], Read.Names(Apply(mapped.Append(Ml.Transforms.SelectColumns("Label")), saved)));
        IDataView kept = Apply(mapped.Append(Ml.Transforms.SelectColumns(["Label"], keepHidden: true)), saved);
        Assert.Equal(["Label", "Label"], Read.Names(kept));
        Assert.True(kept.Schema[0].IsHidden);
        Assert.Equal(["x", "y"], Read.Column<ReadOnlyMemory<char>>(kept, kept.Schema[0]).Select(text => text.ToString()));
        Assert.Equal([1u, 2u], Read.Column<uint>(kept, "Label"));
    }

    [Fact]
    public void SelectAndDrop_OfUnknownColumns_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(Ml.Transforms.SelectColumns("Absent"), saved: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => Apply(Ml.Transforms.DropColumns("Absent"), saved: false));
    }

    [Fact]
    public void Transformers_KeepShufflingAndRowCounts()
    {
        IDataView cached = Ml.Data.Cache(View());
        IDataView copied = Ml.Transforms.CopyColumns("C", "A").Fit(cached).Transform(cached);

        Assert.True(copied.CanShuffle);
        Assert.Equal(cached.GetRowCount(), copied.GetRowCount());
    }

    [Fact]
    public void Transformers_GiveTheirOutputSchemaWithoutData()
    {
        IDataView data = View();
        ITransformer model = Ml.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(data);
        DataViewSchema schema = model.GetOutputSchema(data.Schema);

        Assert.Equal(new KeyDataViewType(typeof(uint), 2), schema["Key"].Type);
        Assert.Equal(Read.Names(model.Transform(data)), schema.Select(column => column.Name));
        Assert.True(model.IsRowToRowMapper);
    }
}

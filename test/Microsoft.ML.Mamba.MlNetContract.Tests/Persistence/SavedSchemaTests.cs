namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class SavedSchemaTests
{
    private static readonly MLContext Ml = new(1);

    private class Row
    {
        public string Text { get; set; } = "";
        public float Single { get; set; }
        public double Double { get; set; }
        public int Int32 { get; set; }
        public bool Flag { get; set; }
        public DateTime When { get; set; }
        [VectorType(3)] public float[] Three { get; set; } = [];
        [VectorType(2, 3)] public float[] Frames { get; set; } = [];
        public float[] Any { get; set; } = [];
        public string[] Words { get; set; } = [];
        [KeyType(7)] public uint Key { get; set; }
        [KeyType(5), VectorType] public uint[] Ids { get; set; } = [];
    }

    private static DataViewSchema RoundTrip(DataViewSchema schema)
    {
        Saved.Load(Saved.Bytes(new TransformerChain<ITransformer>(), schema), out DataViewSchema loaded);
        return loaded;
    }

    [Fact]
    public void NamesAndTypes_ComeBackInOrder()
    {
        DataViewSchema schema = Ml.Data.LoadFromEnumerable<Row>([]).Schema;
        DataViewSchema loaded = RoundTrip(schema);

        Assert.Equal(schema.Select(column => (column.Name, column.Type)), loaded.Select(column => (column.Name, column.Type)));
        Assert.Equal(12, loaded.Count);
    }

    [Fact]
    public void SlotNames_ComeBack()
    {
        var row = new[] { new Row { Three = [1, 2, 3], Frames = new float[6] } };
        IDataView view = Ml.Data.LoadFromEnumerable(row);
        view = Ml.Transforms.Concatenate("F", "Single", "Single").Fit(view).Transform(view);

        VBuffer<ReadOnlyMemory<char>> names = default;
        RoundTrip(view.Schema)["F"].GetSlotNames(ref names);
        Assert.Equal(["Single", "Single"], names.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void FramesOfUnknownLength_AndAnnotationsOfNumbers_ComeBack()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("SampleRate", NumberDataViewType.Int32, 16_000);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Waveform", new VectorDataViewType(NumberDataViewType.Single), annotations.ToAnnotations());
        builder.AddColumn("Frames", new VectorDataViewType(NumberDataViewType.Single, 0, 3));
        DataViewSchema loaded = RoundTrip(builder.ToSchema());

        Assert.Equal([0, 3], ((VectorDataViewType)loaded["Frames"].Type).Dimensions.ToArray());
        int rate = 0;
        loaded["Waveform"].Annotations.GetValue("SampleRate", ref rate);
        Assert.Equal(16_000, rate);
    }

    [Fact]
    public void KeyValues_ComeBack()
    {
        IDataView view = Ml.Data.LoadFromEnumerable([new Row { Text = "x" }, new Row { Text = "größe" }]);
        view = Ml.Transforms.Conversion.MapValueToKey("Text").Fit(view).Transform(view);

        VBuffer<ReadOnlyMemory<char>> values = default;
        RoundTrip(view.Schema)["Text"].GetKeyValues(ref values);
        Assert.Equal(["x", "größe"], values.DenseValues().Select(value => value.ToString()));
    }

    [Fact]
    public void ALoadedSchema_FitsTheLoadedModel()
    {
        IDataView data = Animals.Data(Ml);
        ITransformer loaded = Saved.Load(Saved.Bytes(Animals.Pipeline(Ml).Fit(data), data.Schema), out DataViewSchema schema);

        Assert.Equal(["Label", "Label", "Value", "PredictedLabel", "Score"], loaded.GetOutputSchema(schema).Select(column => column.Name));
    }

    [Fact]
    public void AnEmptyChain_ComesBackEmpty()
    {
        DataViewSchema schema = Ml.Data.LoadFromEnumerable<Row>([]).Schema;
        ITransformer loaded = Saved.Load(Saved.Bytes(new TransformerChain<ITransformer>(), schema), out _);

        Assert.Empty(Assert.IsType<TransformerChain<ITransformer>>(loaded));
    }
}

using Microsoft.ML.Transforms;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class MapValueToKeyTests
{
    private static readonly MLContext Ml = new(1);

    private class TextRow
    {
        public string Label { get; set; } = "";
    }

    private class NumberRow
    {
        public float Label { get; set; }
        public int Integer { get; set; }
        public bool Flag { get; set; }
        public string[] Words { get; set; } = [];
    }

    private static IDataView Labels(params string[] labels) =>
        Ml.Data.LoadFromEnumerable(labels.Select(label => new TextRow { Label = label }).ToList());

    private static IDataView Numbers(params float[] numbers) =>
        Ml.Data.LoadFromEnumerable(numbers.Select(number => new NumberRow { Label = number, Integer = (int)number, Flag = number > 0 }).ToList());

    private static List<uint> Keys(IDataView view, string column = "Label") => Read.Column<uint>(view, column);

    [Fact]
    public void Keys_AreGivenInOrderOfOccurrence()
    {
        IDataView data = Labels("cat", "ant", "cat", "bee");
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);

        Assert.Equal([1u, 2u, 1u, 3u], Keys(mapped));
        Assert.Equal(["cat", "ant", "bee"], Read.KeyValues(mapped, "Label"));
        Assert.Equal(new KeyDataViewType(typeof(uint), 3), mapped.Schema["Label"].Type);
    }

    [Fact]
    public void Keys_ByValue_AreSortedOrdinally()
    {
        IDataView data = Labels("b", "B", "a", "10", "9", "ab");
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey(
            "Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data);

        Assert.Equal(["10", "9", "B", "a", "ab", "b"], Read.KeyValues(mapped, "Label"));
        Assert.Equal([6u, 3u, 4u, 1u, 2u, 5u], Keys(mapped));
    }

    [Fact]
    public void NumbersByValue_AreSortedNumerically()
    {
        IDataView data = Numbers(10, 9, -1);
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey(
            "Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data);

        VBuffer<float> values = default;
        mapped.Schema["Label"].GetKeyValues(ref values);
        Assert.Equal([-1f, 9f, 10f], values.DenseValues());
        Assert.Equal([3u, 2u, 1u], Keys(mapped));
    }

    [Fact]
    public void EmptyText_IsMissing()
    {
        IDataView data = Labels("a", "", "b");
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);

        Assert.Equal([1u, 0u, 2u], Keys(mapped));
        Assert.Equal(["a", "b"], Read.KeyValues(mapped, "Label"));
    }

    [Fact]
    public void NaN_IsMissing()
    {
        IDataView data = Numbers(1, float.NaN, 0);
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);

        Assert.Equal([1u, 0u, 2u], Keys(mapped));
    }

    [Fact]
    public void IntegersAndBooleans_MayBeMapped()
    {
        IDataView data = Numbers(0, 7, 0);

        Assert.Equal([1u, 2u, 1u], Keys(Ml.Transforms.Conversion.MapValueToKey("Key", "Integer").Fit(data).Transform(data), "Key"));
        Assert.Equal([1u, 2u, 1u], Keys(Ml.Transforms.Conversion.MapValueToKey("Key", "Flag").Fit(data).Transform(data), "Key"));
    }

    [Fact]
    public void UnseenValues_AreMissing()
    {
        ITransformer model = Ml.Transforms.Conversion.MapValueToKey("Label").Fit(Labels("a", "b"));

        Assert.Equal([0u, 2u, 0u], Keys(model.Transform(Labels("c", "b", "A"))));
    }

    [Fact]
    public void MaximumNumberOfKeys_KeepsTheFirstOnes()
    {
        IDataView data = Labels("a", "b", "c", "a");
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey("Label", maximumNumberOfKeys: 2).Fit(data).Transform(data);

        Assert.Equal([1u, 2u, 0u, 1u], Keys(mapped));
        Assert.Equal(new KeyDataViewType(typeof(uint), 2), mapped.Schema["Label"].Type);
    }

    [Fact]
    public void KeyData_DefinesTheValuesBeforehand()
    {
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey("Label", keyData: Labels("z", "y")).Fit(Labels("a")).Transform(Labels("y", "a"));

        Assert.Equal([2u, 0u], Keys(mapped));
        Assert.Equal(["z", "y"], Read.KeyValues(mapped, "Label"));
    }

    [Fact]
    public void OutputColumn_MayBeNewOrHideTheInput()
    {
        IDataView data = Labels("a", "b");

        Assert.Equal(["Label", "Key"], Read.Names(Ml.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(data).Transform(data)));
        IDataView hiding = Ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        Assert.Equal(["Label", "Label"], Read.Names(hiding));
        Assert.Equal(["Label", "Label", "Integer", "Flag", "Words"],
            Read.Names(Ml.Transforms.Conversion.MapValueToKey("Label").Fit(Numbers(1)).Transform(Numbers(1))));
        Assert.True(hiding.Schema[0].IsHidden);
        Assert.Equal(TextDataViewType.Instance, hiding.Schema[0].Type);
    }

    [Fact]
    public void Vectors_AreMappedItemByItem()
    {
        IDataView data = Ml.Data.LoadFromEnumerable([new NumberRow { Words = ["x", "y"] }, new NumberRow { Words = ["y", "z", "x"] }]);
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey("Words").Fit(data).Transform(data);

        Assert.Equal([1u, 2u], Read.Vectors<uint>(mapped, "Words")[0]);
        Assert.Equal([2u, 3u, 1u], Read.Vectors<uint>(mapped, "Words")[1]);
        Assert.Equal(new VectorDataViewType(new KeyDataViewType(typeof(uint), 3)), mapped.Schema["Words"].Type);
    }

    [Fact]
    public void NumericKeyValues_MayBeAnnotatedAsText()
    {
        IDataView data = Numbers(3, 1.5f);
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey("Label", addKeyValueAnnotationsAsText: true).Fit(data).Transform(data);

        Assert.Equal(["3", "1.5"], Read.KeyValues(mapped, "Label"));
    }

    [Fact]
    public void SeveralColumns_AreMappedAtOnce()
    {
        IDataView data = Numbers(1, 0);
        IDataView mapped = Ml.Transforms.Conversion.MapValueToKey(
            [new InputOutputColumnPair("K1", "Label"), new InputOutputColumnPair("K2", "Flag")]).Fit(data).Transform(data);

        Assert.Equal([1u, 2u], Keys(mapped, "K1"));
        Assert.Equal([1u, 2u], Keys(mapped, "K2"));
    }

    [Fact]
    public void TheMapping_SurvivesSaveAndLoad()
    {
        IDataView data = Labels("cat", "ant", "", "größe");
        ITransformer loaded = Saved.RoundTrip(Ml.Transforms.Conversion.MapValueToKey("Label").Fit(data), data.Schema);
        IDataView mapped = loaded.Transform(Labels("größe", "cat", "new"));

        Assert.Equal([3u, 1u, 0u], Keys(mapped));
        Assert.Equal(["cat", "ant", "größe"], Read.KeyValues(mapped, "Label"));
    }
}

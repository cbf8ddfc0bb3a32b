namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class MapKeyToValueTests
{
    private static readonly MLContext Ml = new(1);

    private class Row
    {
        public string Text { get; set; } = "";
        public float Number { get; set; }
        public int Integer { get; set; }
        public string[] Words { get; set; } = [];
        [KeyType(3)] public uint Bare { get; set; }
    }

    private static IDataView View() => Ml.Data.LoadFromEnumerable(new[]
    {
        new Row { Text = "a", Number = 1.5f, Integer = 4, Words = ["x", "", "y"] },
        new Row { Text = "", Number = float.NaN, Integer = 5, Words = [] },
        new Row { Text = "b", Number = -1, Integer = 4, Words = ["y"] },
    });

    private static IDataView Back(string column)
    {
        IDataView data = View();
        return Ml.Transforms.Conversion.MapValueToKey("Key", column).Append(Ml.Transforms.Conversion.MapKeyToValue("Value", "Key")).Fit(data).Transform(data);
    }

    [Fact]
    public void Text_ComesBackAndMissingKeysAreEmpty() => Assert.Equal(["a", "", "b"], Read.Text(Back("Text"), "Value"));

    [Fact]
    public void Numbers_ComeBackAndMissingKeysAreNaN() => Assert.Equal([1.5f, float.NaN, -1f], Read.Column<float>(Back("Number"), "Value"));

    [Fact]
    public void Integers_ComeBack() => Assert.Equal([4, 5, 4], Read.Column<int>(Back("Integer"), "Value"));

    [Fact]
    public void Vectors_ComeBackItemByItem()
    {
        List<string[]> words = Read.Vectors<ReadOnlyMemory<char>>(Back("Words"), "Value").ConvertAll(vector => vector.Select(word => word.ToString()).ToArray());

        Assert.Equal(["x", "", "y"], words[0]);
        Assert.Empty(words[1]);
        Assert.Equal(["y"], words[2]);
    }

    [Fact]
    public void TheOutput_HasTheTypeOfTheKeyValues() => Assert.Equal(TextDataViewType.Instance, Back("Text").Schema["Value"].Type);

    [Fact]
    public void KeysWithoutValues_AreRejected() =>
        Assert.Throws<InvalidOperationException>(() => Ml.Transforms.Conversion.MapKeyToValue("Value", "Bare").Fit(View()));

    [Fact]
    public void ColumnsThatAreNotKeys_AreRejected() =>
        Assert.Throws<InvalidOperationException>(() => Ml.Transforms.Conversion.MapKeyToValue("Value", "Text").Fit(View()));

    [Fact]
    public void TheMapping_SurvivesSaveAndLoadWithinAChain()
    {
        IDataView data = View();
        ITransformer model = Ml.Transforms.Conversion.MapValueToKey("Key", "Text").Append(Ml.Transforms.Conversion.MapKeyToValue("Value", "Key")).Fit(data);

        Assert.Equal(["a", "", "b"], Read.Text(Saved.RoundTrip(model, data.Schema).Transform(data), "Value"));
    }
}

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class LoadFromEnumerableTests
{
    private static readonly MLContext Ml = new(1);

    private class Everything
    {
        public string Text { get; set; } = "";
        public ReadOnlyMemory<char> Memory { get; set; }
        public float Single { get; set; }
        public double Double { get; set; }
        public int Int32 { get; set; }
        public long Int64 { get; set; }
        public byte Byte { get; set; }
        public bool Flag { get; set; }
        public DateTime When { get; set; }
    }

    private class Arrays
    {
        public float[] Loose { get; set; } = [];
        [VectorType(3)] public float[] Three { get; set; } = [];
        [VectorType(2, 3)] public float[] Frames { get; set; } = [];
        [VectorType] public int[] Any { get; set; } = [];
        public string[] Words { get; set; } = [];
        [VectorType(2)] public VBuffer<float> Buffer { get; set; }
    }

    private class Keys
    {
        [KeyType(4)] public uint Key { get; set; }
        [KeyType(3)] public byte Small { get; set; }
        [KeyType(5), VectorType] public uint[] Sequence { get; set; } = [];
    }

    private class Named
    {
        [ColumnName("Renamed")] public float Value { get; set; }
        [NoColumn] public Uri? Ignored { get; set; }
        public float Field;
        private float Hidden { get; set; } = 1;
        public float GetHidden() => Hidden;
    }

    private class WithUri
    {
        public Uri? Address { get; set; }
    }

    [Fact]
    public void Properties_BecomeColumnsOfTheirTypes()
    {
        IDataView view = Ml.Data.LoadFromEnumerable<Everything>([]);

        var expected = new Dictionary<string, DataViewType>
        {
            ["Text"] = TextDataViewType.Instance,
            ["Memory"] = TextDataViewType.Instance,
            ["Single"] = NumberDataViewType.Single,
            ["Double"] = NumberDataViewType.Double,
            ["Int32"] = NumberDataViewType.Int32,
            ["Int64"] = NumberDataViewType.Int64,
            ["Byte"] = NumberDataViewType.Byte,
            ["Flag"] = BooleanDataViewType.Instance,
            ["When"] = DateTimeDataViewType.Instance,
        };
        Assert.Equal(expected, view.Schema.ToDictionary(column => column.Name, column => column.Type));
    }

    [Fact]
    public void Values_ArriveUnchanged()
    {
        var when = new DateTime(2025, 3, 4, 5, 6, 7);
        var row = new Everything
        {
            Text = "ab", Memory = "xyz".AsMemory(1), Single = 1.5f, Double = -2, Int32 = -3, Int64 = 1L << 40, Byte = 255, Flag = true, When = when,
        };
        IDataView view = Ml.Data.LoadFromEnumerable([row]);

        Assert.Equal(["ab"], Read.Text(view, "Text"));
        Assert.Equal(["yz"], Read.Text(view, "Memory"));
        Assert.Equal([1.5f], Read.Column<float>(view, "Single"));
        Assert.Equal([-2.0], Read.Column<double>(view, "Double"));
        Assert.Equal([-3], Read.Column<int>(view, "Int32"));
        Assert.Equal([1L << 40], Read.Column<long>(view, "Int64"));
        Assert.Equal([(byte)255], Read.Column<byte>(view, "Byte"));
        Assert.Equal([true], Read.Column<bool>(view, "Flag"));
        Assert.Equal([when], Read.Column<DateTime>(view, "When"));
    }

    [Fact]
    public void NullText_IsEmptyText()
    {
        IDataView view = Ml.Data.LoadFromEnumerable([new Everything { Text = null! }]);

        Assert.Equal([""], Read.Text(view, "Text"));
    }

    [Fact]
    public void Arrays_AreVectorsWithTheDeclaredShape()
    {
        DataViewSchema schema = Ml.Data.LoadFromEnumerable<Arrays>([]).Schema;

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single), schema["Loose"].Type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3), schema["Three"].Type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2, 3), schema["Frames"].Type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Int32), schema["Any"].Type);
        Assert.Equal(new VectorDataViewType(TextDataViewType.Instance), schema["Words"].Type);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), schema["Buffer"].Type);
    }

    [Fact]
    public void ArrayValues_AreCopiedAsDenseVectors()
    {
        var row = new Arrays
        {
            Loose = [1, 2], Three = [3, 4, 5], Frames = [1, 2, 3, 4, 5, 6], Any = [], Words = ["a", "b"], Buffer = new(2, 1, [9], [1]),
        };
        IDataView view = Ml.Data.LoadFromEnumerable([row]);

        Assert.Equal([1f, 2f], Read.Vectors<float>(view, "Loose")[0]);
        Assert.Equal([3f, 4f, 5f], Read.Vectors<float>(view, "Three")[0]);
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], Read.Vectors<float>(view, "Frames")[0]);
        Assert.Empty(Read.Vectors<int>(view, "Any")[0]);
        Assert.Equal(["a", "b"], Read.Vectors<ReadOnlyMemory<char>>(view, "Words")[0].Select(word => word.ToString()));
        Assert.Equal([0f, 9f], Read.Vectors<float>(view, "Buffer")[0]);
    }

    [Fact]
    public void NullArrays_AreEmptyVectors()
    {
        IDataView view = Ml.Data.LoadFromEnumerable([new Arrays { Loose = null! }]);

        Assert.Empty(Read.Vectors<float>(view, "Loose")[0]);
    }

    [Fact]
    public void KeyTypeAttributes_GiveKeysWithTheirCount()
    {
        DataViewSchema schema = Ml.Data.LoadFromEnumerable<Keys>([]).Schema;

        Assert.Equal(new KeyDataViewType(typeof(uint), 4), schema["Key"].Type);
        Assert.Equal(new KeyDataViewType(typeof(byte), 3), schema["Small"].Type);
        Assert.Equal(new VectorDataViewType(new KeyDataViewType(typeof(uint), 5)), schema["Sequence"].Type);
    }

    [Fact]
    public void ScalarKeyMembers_AreZeroBasedAndMissingFromTheCountOn()
    {
        IDataView view = Ml.Data.LoadFromEnumerable([new Keys { Key = 0 }, new Keys { Key = 3 }, new Keys { Key = 4 }]);

        Assert.Equal([1u, 4u, 0u], Read.Column<uint>(view, "Key"));
    }

    [Fact]
    public void KeyVectorMembers_HoldRawKeys()
    {
        IDataView view = Ml.Data.LoadFromEnumerable([new Keys { Sequence = [1, 0, 5] }]);

        Assert.Equal([1u, 0u, 5u], Read.Vectors<uint>(view, "Sequence")[0]);
    }

    [Fact]
    public void ColumnNameNoColumnAndFields_AreRespected()
    {
        IDataView view = Ml.Data.LoadFromEnumerable([new Named { Value = 1, Field = 2 }]);

        Assert.Equal(["Field", "Renamed"], Read.Names(view).Order(StringComparer.Ordinal));
        Assert.Equal([1f], Read.Column<float>(view, "Renamed"));
        Assert.Equal([2f], Read.Column<float>(view, "Field"));
    }

    [Fact]
    public void UnsupportedMemberTypes_Throw() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.LoadFromEnumerable<WithUri>([]));

    [Fact]
    public void SchemaDefinition_ChangesTypesAndNames()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Arrays));
        definition["Loose"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        definition["Loose"].ColumnName = "Sized";
        IDataView view = Ml.Data.LoadFromEnumerable([new Arrays { Loose = [1, 2], Three = [1, 2, 3], Frames = new float[6] }], definition);

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), view.Schema["Sized"].Type);
        Assert.Equal([1f, 2f], Read.Vectors<float>(view, "Sized")[0]);
    }

    [Fact]
    public void RowCount_IsKnownForCollectionsOnly()
    {
        static IEnumerable<Keys> Lazy()
        {
            yield return new Keys();
        }

        Assert.Equal(2, Ml.Data.LoadFromEnumerable(new List<Keys> { new(), new() }).GetRowCount());
        Assert.Null(Ml.Data.LoadFromEnumerable(Lazy()).GetRowCount());
    }

    [Fact]
    public void LazySources_AreReadAgainByEveryCursor()
    {
        int passes = 0;
        IEnumerable<Named> Rows()
        {
            passes++;
            yield return new Named { Value = passes };
        }
        IDataView view = Ml.Data.LoadFromEnumerable(Rows());

        Assert.Equal([1f], Read.Column<float>(view, "Renamed"));
        Assert.Equal([2f], Read.Column<float>(view, "Renamed"));
    }
}

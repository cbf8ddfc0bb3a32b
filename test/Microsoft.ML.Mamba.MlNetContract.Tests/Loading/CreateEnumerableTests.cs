namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class CreateEnumerableTests
{
    private static readonly MLContext Ml = new(1);

    private class Input
    {
        public string Text { get; set; } = "";
        public float Value { get; set; }
        [VectorType(2)] public float[] Pair { get; set; } = [0, 0];
        public int[] Any { get; set; } = [];
        [KeyType(3)] public uint Key { get; set; }
    }

    private class TextAndValue
    {
        public string? Text { get; set; }
        public float Value { get; set; }
    }

    private class Renamed
    {
        [ColumnName("Value")] public float Number { get; set; }
        [NoColumn] public string Note { get; set; } = "kept";
    }

    private class Vectors
    {
        public float[] Pair { get; set; } = [];
        public VBuffer<int> Any { get; set; }
    }

    private class NullArray
    {
        public int[]? Any { get; set; }
    }

    private class FilledArray
    {
        public int[] Any { get; set; } = [7];
    }

    private class PlainKey
    {
        public uint Key { get; set; }
    }

    private class MissingColumn
    {
        public float Value { get; set; }
        public float Absent { get; set; } = -1;
    }

    private class WrongType
    {
        public int Value { get; set; }
    }

    private static IDataView View() => Ml.Data.LoadFromEnumerable(
    [
        new Input { Text = "a", Value = 1, Pair = [1, 2], Any = [1], Key = 2 },
        new Input { Text = "b", Value = 2, Pair = [3, 4], Any = [1, 2], Key = 3 },
    ]);

    [Fact]
    public void Rows_AreReadInOrder()
    {
        List<TextAndValue> rows = Ml.Data.CreateEnumerable<TextAndValue>(View(), reuseRowObject: false).ToList();

        Assert.Equal(["a", "b"], rows.Select(row => row.Text));
        Assert.Equal([1f, 2f], rows.Select(row => row.Value));
    }

    [Fact]
    public void ReusedRowObject_IsTheSameObject()
    {
        List<TextAndValue> reused = Ml.Data.CreateEnumerable<TextAndValue>(View(), reuseRowObject: true).ToList();
        List<TextAndValue> fresh = Ml.Data.CreateEnumerable<TextAndValue>(View(), reuseRowObject: false).ToList();

        Assert.Same(reused[0], reused[1]);
        Assert.NotSame(fresh[0], fresh[1]);
    }

    [Fact]
    public void Vectors_ArriveAsArraysAndBuffers()
    {
        List<Vectors> rows = Ml.Data.CreateEnumerable<Vectors>(View(), reuseRowObject: false).ToList();

        Assert.Equal([3f, 4f], rows[1].Pair);
        Assert.Equal([1, 2], rows[1].Any.DenseValues());
        Assert.Equal([1f, 2f], rows[0].Pair);
    }

    [Fact]
    public void EmptyVectors_LeaveANullMemberNullAndReplaceALongerArray()
    {
        IDataView view = Ml.Data.LoadFromEnumerable([new Input { Any = [] }]);

        Assert.Null(Ml.Data.CreateEnumerable<NullArray>(view, reuseRowObject: false).Single().Any);
        Assert.Empty(Ml.Data.CreateEnumerable<FilledArray>(view, reuseRowObject: false).Single().Any);
    }

    [Fact]
    public void ColumnNames_AreRespectedAndNoColumnMembersKept()
    {
        Renamed row = Ml.Data.CreateEnumerable<Renamed>(View(), reuseRowObject: false).First();

        Assert.Equal(1f, row.Number);
        Assert.Equal("kept", row.Note);
    }

    [Fact]
    public void KeyColumns_ReadIntoPlainUnsignedIntegersAsRawKeys() =>
        Assert.Equal([3u, 0u], Ml.Data.CreateEnumerable<PlainKey>(View(), reuseRowObject: false).Select(row => row.Key));

    [Fact]
    public void MissingColumns_ThrowUnlessIgnored()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ml.Data.CreateEnumerable<MissingColumn>(View(), reuseRowObject: false).ToList());

        List<MissingColumn> rows = Ml.Data.CreateEnumerable<MissingColumn>(View(), reuseRowObject: false, ignoreMissingColumns: true).ToList();
        Assert.Equal([1f, 2f], rows.Select(row => row.Value));
        Assert.Equal([-1f, -1f], rows.Select(row => row.Absent));
    }

    [Fact]
    public void MembersOfAnotherType_Throw() =>
        Assert.Throws<InvalidOperationException>(() => Ml.Data.CreateEnumerable<WrongType>(View(), reuseRowObject: false).ToList());

    [Fact]
    public void GetColumn_ReadsScalarsTextAndArrays()
    {
        IDataView view = View();

        Assert.Equal([1f, 2f], view.GetColumn<float>("Value"));
        Assert.Equal(["a", "b"], view.GetColumn<string>("Text"));
        Assert.Equal(["a", "b"], view.GetColumn<ReadOnlyMemory<char>>("Text").Select(text => text.ToString()));
        Assert.Equal([3f, 4f], view.GetColumn<float[]>("Pair").Last());
        Assert.Equal([3u, 0u], view.GetColumn<uint>(view.Schema["Key"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.GetColumn<int>("Value"));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.GetColumn<int>("Absent"));
    }
}

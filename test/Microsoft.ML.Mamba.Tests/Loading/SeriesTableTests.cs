using System.Text;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Loading;

public sealed class SeriesTableTests : IDisposable
{
    private const float NaN = float.NaN;

    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    private string Table => _folder.PathOf("series.tsv");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RowsOfAnId_MakeOneSequence()
    {
        Write("Id|Time|x|Label|y", "a|1|0.5|up|10", "a|2|1e3||-20", "b|1|-1|down|0", "", "a b|5|7|up|8");
        IDataView view = _ml.Data.LoadFromSeriesTable(Table);
        Assert.Equal(["Id", "Label", "Sequence"], view.Schema.Select(column => column.Name));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 0, 2), view.Schema["Sequence"].Type);
        Assert.Equal(["a", "b", "a b"], Read.Text(view, "Id"));
        Assert.Equal(["up", "down", "up"], Read.Text(view, "Label"));
        float[][] expected = [[0.5f, 10, 1000, -20], [-1, 0], [7, 8]];
        Assert.Equal(expected, Read.Vectors(view, "Sequence"));
        Assert.Equal(expected, Read.Vectors(view, "Sequence"));
        Assert.Null(view.GetRowCount());
        Assert.False(view.CanShuffle);
    }

    [Fact]
    public void MissingCells_AreNaN()
    {
        Write("Id|x|Label", "a||u", "a|?|u", "a|NA|u", "a|nan|u", "a| 1 |u");
        Assert.Equal([NaN, NaN, NaN, NaN, 1], Assert.Single(Read.Vectors(_ml.Data.LoadFromSeriesTable(Table), "Sequence")));
    }

    [Fact]
    public void Columns_MayHaveOtherNamesAndOrders_AndQuotes()
    {
        File.WriteAllText(Table,
            "\"when, exactly\";kind;beat;v2;\"v \"\"1\"\"\";note\r\n2026-01-01T00:00:00Z;n;\"7;8\";2;1;hello\r\n2026-01-01T01:00:00+00:30;n;\"7;8\";4;3;x\r\n");
        IDataView view = _ml.Data.LoadFromSeriesTable(Table, ';', "beat", "kind", "when, exactly", ["v \"1\"", "v2"]);
        Assert.Equal(["7;8"], Read.Text(view, "Id"));
        Assert.Equal(["n"], Read.Text(view, "Label"));
        Assert.Equal([1, 2, 3, 4], Assert.Single(Read.Vectors(view, "Sequence")));
    }

    [Fact]
    public void TableWithoutLabels_GivesNone()
    {
        Write("Id|x", "a|1", "b|2", "b|3");
        IDataView view = _ml.Data.LoadFromSeriesTable(Table, labelColumnName: null, timeColumnName: null);
        Assert.Equal(["Id", "Sequence"], view.Schema.Select(column => column.Name));
        Assert.Equal([[1], [2, 3]], Read.Vectors(view, "Sequence"));
    }

    [Fact]
    public void TimeColumnThatIsNotNamed_IsAChannel()
    {
        Write("Id|Time|x|Label", "a|3|1|u", "a|2|1|u");
        Assert.Equal([3, 1, 2, 1], Assert.Single(Read.Vectors(_ml.Data.LoadFromSeriesTable(Table, timeColumnName: null), "Sequence")));
    }

    [Theory]
    [InlineData("a|1|1|u", "a|2|u", "line 3", "3 cells", "4 columns")]
    [InlineData("a|1|1|u", "a|2|1|u|5", "line 3", "5 cells", "4 columns")]
    [InlineData("a|1|abc|u", "", "line 2", "'x'", "'abc'", "number")]
    [InlineData("a|1|1e39|u", "", "line 2", "'x'", "'1e39'", "32-bit")]
    [InlineData("a|1|Infinity|u", "", "line 2", "'x'", "'Infinity'", "finite")]
    [InlineData("|1|1|u", "", "line 2", "'Id'", "empty")]
    [InlineData("a|1|1|u", "a|2|1|v", "line 3", "'Label'", "'v'", "'u'", "'a'")]
    [InlineData("a|5|1|u", "a|5|1|u", "line 3", "'Time'", "'5'", "rising")]
    [InlineData("a|5|1|u", "a|2026-01-01|1|u", "line 3", "'Time'", "2026-01-01", "rising")]
    [InlineData("a|soon|1|u", "", "line 2", "'Time'", "'soon'", "date")]
    [InlineData("a|1|1|u", "b|1|1|u\na|2|1|u", "line 4", "'Id'", "'a'", "stand together")]
    [InlineData("\"a|1|1|u", "", "line 2", "cell 1", "not closed")]
    [InlineData("\"a\"b|1|1|u", "", "line 2", "'b'", "cell 1")]
    public void WrongLines_AreNamedWithWhatIsExpected(string first, string second, params string[] parts)
    {
        Write("Id|Time|x|Label", first, second);
        IDataView view = _ml.Data.LoadFromSeriesTable(Table);
        string message = Assert.Throws<InvalidDataException>(() => Read.Vectors(view, "Sequence")).Message;
        Assert.All([Table, .. parts], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void BytesThatAreNoText_AreNamedWithTheirPlace()
    {
        byte[] start = "Id\tx\tLabel\na\t1\tu\n"u8.ToArray();
        Assert.Equal($"'{Table}', line 3 (byte 18): the byte 0x00 is in the table; text is expected.", Problem([.. start, .. "b\0\t1\tu"u8]));
        Assert.Equal($"'{Table}', line 3: a line of the table is not ASCII or UTF-8.", Problem([.. start, 0xE9, .. "\t1\tu"u8]));
        Assert.Equal(
            $"'{Table}', line 3: a line of the table is longer than 16777216 bytes.",
            Problem([.. start, .. Enumerable.Repeat((byte)'a', (1 << 24) + 1)]));
        File.WriteAllBytes(Table, [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Id\tx\tLabel\n")]);
        Assert.Equal($"'{Table}' is text in UTF-16; ASCII or UTF-8 is expected.",
            Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromSeriesTable(Table)).Message);
        // A control character may be the separator.
        File.WriteAllText(Table, "Id\u0001x\u0001Label\na\u00011\u0001é");
        Assert.Equal(["é"], Read.Text(_ml.Data.LoadFromSeriesTable(Table, '\u0001'), "Label"));

        string Problem(byte[] bytes)
        {
            File.WriteAllBytes(Table, bytes);
            IDataView view = _ml.Data.LoadFromSeriesTable(Table);
            return Assert.Throws<InvalidDataException>(() => Read.Text(view, "Id")).Message;
        }
    }

    [Fact]
    public void CompressedTable_IsReadAlike()
    {
        File.WriteAllBytes(Table, SequenceFiles.Gzip("Id\tx\tLabel\na\t1\tu\na\t2\tu\n"));
        Assert.Equal([1, 2], Assert.Single(Read.Vectors(_ml.Data.LoadFromSeriesTable(Table), "Sequence")));
    }

    [Fact]
    public void WrongHeaders_AreRefusedAtOnce()
    {
        AssertHeader("", "empty");
        AssertHeader("Id|x|x|Label", "columns 2 and 3", "'x'");
        AssertHeader("Id||Label", "column 2", "no name");
        AssertHeader("Name|x|Label", "'Id'", "'Name', 'x', 'Label'", "idColumnName");
        AssertHeader("Id|x", "'Label'", "labelColumnName names another column, or is null");
        AssertHeader("Id|Label", "no column is left");
        AssertHeader("Id,x,Label", "'Id'", "a tab");
        Write("Id|x|Label");
        AssertMessage(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromSeriesTable(Table, timeColumnName: "T")), "'T'");
        AssertMessage(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromSeriesTable(Table, channelColumnNames: ["z"])), "'z'");
        Assert.Empty(Read.Text(_ml.Data.LoadFromSeriesTable(Table), "Id"));
    }

    [Fact]
    public void WrongArguments_AreNamed()
    {
        Write("Id|x|Label");
        AssertArgument("separatorChar", () => _ml.Data.LoadFromSeriesTable(Table, '"'));
        AssertArgument("idColumnName", () => _ml.Data.LoadFromSeriesTable(Table, idColumnName: " "));
        AssertArgument("labelColumnName", () => _ml.Data.LoadFromSeriesTable(Table, labelColumnName: "Id"));
        AssertArgument("timeColumnName", () => _ml.Data.LoadFromSeriesTable(Table, timeColumnName: ""));
        AssertArgument("channelColumnNames", () => _ml.Data.LoadFromSeriesTable(Table, channelColumnNames: ["x", "x"]));
        AssertArgument("channelColumnNames", () => _ml.Data.LoadFromSeriesTable(Table, channelColumnNames: ["x", null!]));
        AssertArgument("path", () => _ml.Data.LoadFromSeriesTable(""));
        Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadFromSeriesTable(_folder.PathOf("none.tsv")));
    }

    [Fact]
    public void CursorBetweenItsRows_ThrowsRatherThanGivesStaleValues()
    {
        Write("Id|x|Label", "a|1|u");
        IDataView view = _ml.Data.LoadFromSeriesTable(Table);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Id"]]);
        ValueGetter<ReadOnlyMemory<char>> id = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Id"]);
        ReadOnlyMemory<char> text = default;
        Assert.Throws<InvalidOperationException>(() => id(ref text));
        Assert.True(cursor.MoveNext());
        id(ref text);
        Assert.Equal("a", text.ToString());
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => id(ref text));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Sequence"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["Id"]));
    }

    [Fact]
    public void Table_TrainsSavesAndScores()
    {
        var lines = new List<string> { "Id|Label|x|y" };
        FrameRow[] rows = Rows.Series(40, channels: 2);
        for (int i = 0; i < rows.Length; i++)
            lines.AddRange(rows[i].Sequence.Chunk(2)
                .Select((frame, t) => FormattableString.Invariant($"{i}|{rows[i].Label}|{(t == 1 ? "" : frame[0])}|{frame[1]}")));
        Write([.. lines]);
        IDataView view = _ml.Data.LoadFromSeriesTable(Table);
        MambaClassificationOptions options = Train.Options();
        options.EngineOverride = null;
        options.MissingValues = MissingValues.CarryForward;
        ITransformer model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.MambaClassify(options))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(view);
        _ml.Model.Save(model, view.Schema, _folder.PathOf("m.zip"));
        ITransformer loaded = _ml.Model.Load(_folder.PathOf("m.zip"), out DataViewSchema schema);
        Assert.Equal(view.Schema["Sequence"].Type, schema["Sequence"].Type);
        IDataView unlabelled = _ml.Data.LoadFromSeriesTable(Table, labelColumnName: null, channelColumnNames: ["x", "y"]);
        float[][] scores = Read.Vectors(model.Transform(view), "Score");
        Assert.Equal(scores, Read.Vectors(loaded.Transform(view), "Score"));
        MambaTransformer classifier = ((IEnumerable<ITransformer>)loaded).OfType<MambaTransformer>().Single();
        Assert.Equal(2, classifier.Config.InputChannels);
        Assert.Equal(scores, Read.Vectors(classifier.Transform(unlabelled), "Score"));
        using PredictionEngine<SeriesRow, Prediction> engine = _ml.Model.CreatePredictionEngine<SeriesRow, Prediction>(loaded);
        float[][] sequences = Read.Vectors(view, "Sequence");
        Assert.Equal(scores[3], engine.Predict(new SeriesRow { Sequence = sequences[3] }).Score);
    }

    [Fact]
    public void TextLoader_ReadsWideTables()
    {
        // What docs/data.md says of ML.NET's own loader: empty cells are NaN only where that is asked for, and a range of columns is flat.
        Write("Label|t0|t1|t2|t3", "up|1||3|4");
        var options = new TextLoader.Options
        {
            HasHeader = true,
            MissingRealsAsNaNs = true,
            Columns = [new TextLoader.Column("Label", DataKind.String, 0), new TextLoader.Column("Sequence", DataKind.Single, 1, 4)],
        };
        IDataView view = _ml.Data.LoadFromTextFile(Table, options);
        Assert.Equal([1, NaN, 3, 4], Assert.Single(Read.Vectors(view, "Sequence")));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 4), view.Schema["Sequence"].Type);
        options.MissingRealsAsNaNs = false;
        Assert.Equal([1, 0, 3, 4], Assert.Single(Read.Vectors(_ml.Data.LoadFromTextFile(Table, options), "Sequence")));
    }

    private void Write(params string[] lines) => File.WriteAllText(Table, string.Join('\n', lines).Replace('|', '\t'));

    private void AssertHeader(string header, params string[] parts)
    {
        Write(header);
        AssertMessage(Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromSeriesTable(Table)), [Table, .. parts]);
    }

    private static void AssertArgument(string name, Action action) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);

    private static void AssertMessage(Exception error, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));

    private sealed class SeriesRow
    {
        public string Label { get; set; } = "";

        [VectorType(0, 2)]
        public float[] Sequence { get; set; } = [];
    }
}

using System.Text;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Loading;

public sealed class SequenceFileViewTests : IDisposable
{
    private readonly SequenceFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Paths_MayBeWildcardsAndFolders_InOrdinalOrder()
    {
        string[] names =
        [
            "d/b/1.fa", "d/B2/1.FASTA.GZ", "d/a/2.fna", "d/a/10.faa.bgz", "d/a/.hidden.fa", "d/a/notes.txt",
            "d/.git/3.fa", "d/4.fq",
        ];
        foreach (string name in names)
            _files.Write(name, $">{name}\nA\n");
        Assert.Equal(["d/B2/1.FASTA.GZ", "d/a/10.faa.bgz", "d/a/2.fna", "d/b/1.fa"], Ids(_files.PathOf("d")));
        Assert.Equal(["d/a/10.faa.bgz", "d/a/2.fna"], Ids(_files.PathOf("d/a/*.f*")));
        Assert.Equal(["d/B2/1.FASTA.GZ", "d/b/1.fa"], Ids(_files.PathOf("d/b*/1.*")));
        Assert.Equal(["d/b/1.fa"], Ids(_files.PathOf("d/?/1.F?")));
        IDataView several = _files.Ml.Data.LoadFromFasta(
            [_files.PathOf("d/b/1.fa"), _files.PathOf("d/a/notes.txt"), _files.PathOf("d/*/?.f?a"), _files.PathOf("d/b/1.fa")]);
        Assert.Equal(["d/b/1.fa", "d/a/notes.txt", "d/a/2.fna", "d/b/1.fa"], Read.Text(several, "Id"));
    }

    [Fact]
    public void MissingFiles_AreNamed()
    {
        string missing = _files.PathOf("absent.fa"), pattern = _files.PathOf("absent*.fa");
        FileNotFoundException exception = Assert.Throws<FileNotFoundException>(() => _files.Ml.Data.LoadFromFasta(missing));
        Assert.Equal(($"There is no file '{missing}'.", missing), (exception.Message, exception.FileName));
        Assert.Equal($"No file matches '{pattern}'.",
            Assert.Throws<FileNotFoundException>(() => _files.Ml.Data.LoadFromFasta([pattern])).Message);
        _files.Write("e/1.txt", "");
        Assert.Equal($"The folder '{_files.PathOf("e")}' has no file that ends with .fq, .fastq, with or without .gz or .bgz.",
            Assert.Throws<FileNotFoundException>(() => _files.Ml.Data.LoadFromFastq(_files.PathOf("e"))).Message);
        Assert.StartsWith("paths names no file.",
            Assert.Throws<ArgumentException>("paths", () => _files.Ml.Data.LoadFromFastq([])).Message);
        Assert.StartsWith("paths has an empty path.",
            Assert.Throws<ArgumentException>("paths", () => _files.Ml.Data.LoadFromFasta([""])).Message);

        IDataView view = _files.Fasta(">a\nA\n");
        File.Delete(_files.PathOf("test.fa"));
        Assert.Contains("test.fa", Assert.Throws<FileNotFoundException>(() => SequenceFiles.Records(view)).Message);
    }

    [Fact]
    public void Cursors_AreIndependent_AndCountAllFiles()
    {
        string[] paths =
        [
            _files.Write("1.fq", "@a\nA\n+\nI\n@b\nC\n+\nI\n"), _files.Write("2.fq", ""), _files.Write("3.fq", "@c\nG\n+\nI\n"),
        ];
        IDataView view = _files.Ml.Data.LoadFromFastq(paths);
        using DataViewRowCursor first = view.GetRowCursor(view.Schema), second = view.GetRowCursor([view.Schema["Id"]]);
        var ids = new List<(long, ulong, string)>();
        Assert.Equal(-1, first.Position);
        Assert.True(second.MoveNext());
        ValueGetter<ReadOnlyMemory<char>> id = first.GetGetter<ReadOnlyMemory<char>>(view.Schema["Id"]);
        ValueGetter<DataViewRowId> rowId = first.GetIdGetter();
        ReadOnlyMemory<char> text = default;
        DataViewRowId row = default;
        while (first.MoveNext())
        {
            id(ref text);
            rowId(ref row);
            ids.Add((first.Position, row.Low, text.ToString()));
        }

        Assert.Equal([(0, 0, "a"), (1, 1, "b"), (2, 2, "c")], ids);
        Assert.Equal((-1, 0), (first.Position, first.Batch));
        Assert.False(first.MoveNext());
        Assert.Throws<InvalidOperationException>(() => id(ref text));
        second.GetGetter<ReadOnlyMemory<char>>(view.Schema["Id"])(ref text);
        Assert.Equal("a", text.ToString());
        Assert.Single(view.GetRowCursorSet(view.Schema, 4));
    }

    [Fact]
    public void Columns_AreThoseAskedFor()
    {
        IDataView view = _files.Fastq("@a\nA\n+\nI\n");
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Sequence"]]);
        Assert.Equal([false, false, true, false], view.Schema.Select(cursor.IsColumnActive));
        Assert.Equal("Column 'Quality' is not active in this row; name it when the cursor is made.",
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Quality"])).Message);
        Assert.Contains("a getter of System.Single was asked for",
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(view.Schema["Sequence"])).Message);
        IDataView other = _files.Ml.Transforms.CopyColumns("Copy", "Id").Fit(view).Transform(view);
        Assert.Throws<ArgumentException>("columnsNeeded", () => view.GetRowCursor([other.Schema["Copy"]]));
    }

    [Fact]
    public void RowsThatNobodyReads_CostNoMemory()
    {
        const int records = 40_000;
        var content = new StringBuilder();
        for (int i = 0; i < records; i++)
            content.Append(">record").Append(i).Append(" some text\nACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT\n");
        IDataView view = _files.Fasta(content.ToString());
        long all = Allocated([.. view.Schema]), none = Allocated([]);
        Assert.True(none < 1_000_000, $"{none} bytes for {records} rows of no column.");
        Assert.True(all > records * 100, $"{all} bytes for {records} rows of all columns.");

        long Allocated(DataViewSchema.Column[] columns)
        {
            using DataViewRowCursor cursor = view.GetRowCursor(columns);
            ValueGetter<ReadOnlyMemory<char>>[] getters = [.. columns.Select(column => cursor.GetGetter<ReadOnlyMemory<char>>(column))];
            ReadOnlyMemory<char> text = default;
            long before = GC.GetAllocatedBytesForCurrentThread();
            while (cursor.MoveNext())
            {
                foreach (ValueGetter<ReadOnlyMemory<char>> getter in getters)
                    getter(ref text);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void View_WorksLikeAnyOther()
    {
        MLContext ml = _files.Ml;
        IDataView view = _files.Fasta(Dna(40), new FastaOptions { Label = SequenceLabel.FromHeader("label=(..)") });
        string[] records = SequenceFiles.Records(view);
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(view, 0.3);
        Assert.Equal(records.Order(), SequenceFiles.Records(split.TrainSet).Concat(SequenceFiles.Records(split.TestSet)).Order());
        Assert.NotEmpty(SequenceFiles.Records(split.TestSet));
        IDataView cached = ml.Data.Cache(view);
        Assert.Equal(records, SequenceFiles.Records(cached));
        Assert.Equal(records, SequenceFiles.Records(cached));
        Assert.Equal(records.Order(), SequenceFiles.Records(ml.Data.ShuffleRows(view, seed: 1)).Order());
        Assert.Equal(records[2..5], SequenceFiles.Records(ml.Data.TakeRows(ml.Data.SkipRows(view, 2), 3)));
        Assert.Equal(10, view.Preview(10).RowView.Length);
        Assert.Equal(40, ml.Data.CreateEnumerable<LabelRow>(view, reuseRowObject: false).Count(row => row.Label is "at" or "gc"));
    }

    [Fact]
    public void Model_IsTrainedSavedAndUsed()
    {
        MLContext ml = _files.Ml;
        IDataView view = _files.Fasta(Dna(40), new FastaOptions { Label = SequenceLabel.FromHeader("label=(?<label>..)") });
        EstimatorChain<MambaTransformer> pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(
            ml.Transforms.MambaClassify(Train.Options()));
        ITransformer model = pipeline.Fit(view);
        string path = _files.PathOf("model.zip");
        ml.Model.Save(model, view.Schema, path);
        ITransformer loaded = ml.Model.Load(path, out DataViewSchema schema);
        Assert.Equal(["Id", "Description", "Sequence", "Label"], schema.Select(column => column.Name));
        Assert.Equal(40, Read.Vectors(loaded.Transform(view), "Score").Length);
    }

    private sealed class LabelRow
    {
        public string Label { get; set; } = "";
    }

    private string[] Ids(string path) => Read.Text(_files.Ml.Data.LoadFromFasta(path), "Id");

    private static string Dna(int count) => string.Concat(Rows.Dna(count).Select(row => $">{row.Id} label={row.Label}\n{row.Sequence}\n"));
}

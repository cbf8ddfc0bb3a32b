using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Loading;

public sealed class SequenceLabelTests : IDisposable
{
    private readonly SequenceFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("class=(?<label>\\w+)", "EI")]
    [InlineData("(a)(?<label>.)(.)", "b")]
    [InlineData("=(\\w)", "E")]
    [InlineData("^ab", "ab")]
    [InlineData("(?i)CLASS=(..)", "EI")]
    public void Header_GivesTheNamedGroup_TheFirst_OrTheMatch(string pattern, string expected)
    {
        IDataView view = _files.Fasta(">abc class=EI n=1\nAC\n", new FastaOptions { Label = SequenceLabel.FromHeader(pattern) });
        Assert.Equal(["Id", "Description", "Sequence", "Label"], view.Schema.Select(column => column.Name));
        Assert.Equal([expected], Read.Text(view, "Label"));
    }

    [Fact]
    public void HeaderWithoutLabel_IsAnErrorOrMissing()
    {
        const string content = ">a class=x\nAC\n>b class=\nAC\n>c\nAC\n";
        const string pattern = "class=(\\w*)";
        Assert.Equal("'test.fa', line 3: the pattern 'class=(\\w*)' finds no label in the header 'b class='.",
            _files.FastaProblem(content, new FastaOptions { Label = SequenceLabel.FromHeader(pattern) }));
        IDataView view = _files.Fasta(content,
            new FastaOptions { Label = SequenceLabel.FromHeader(pattern, MissingLabels.Missing), LabelColumnName = "Class" });
        Assert.Equal(["x", "", ""], Read.Text(view, "Class"));
        Assert.Equal([1u, 0u, 0u],
            Read.Column<uint>(_files.Ml.Transforms.Conversion.MapValueToKey("Class").Fit(view).Transform(view), "Class"));
    }

    [Fact]
    public void SlowPatterns_AreStopped()
    {
        SequenceLabel label = SequenceLabel.FromHeader("^(a+)+$", timeout: TimeSpan.FromMilliseconds(20));
        string header = new string('a', 40) + "!";
        Assert.Equal($"'test.fa', line 1: looking for the label by the pattern '^(a+)+$' in '{header}' took longer than 0.02 s.",
            _files.FastaProblem($">{header}\nAC\n", new FastaOptions { Label = label }));
    }

    [Fact]
    public void FileName_IsTheLabelOfItsRecords()
    {
        string[] paths = [_files.Write("x/ecoli.train.fa.gz", ">a\nA\n>b\nC\n"), _files.Write("y/human.fasta", ">c\nG\n")];
        IDataView view = _files.Ml.Data.LoadFromFasta(paths, new FastaOptions { Label = SequenceLabel.FromFileName() });
        Assert.Equal(["ecoli.train", "ecoli.train", "human"], Read.Text(view, "Label"));
        view = _files.Ml.Data.LoadFromFasta(paths, new FastaOptions { Label = SequenceLabel.FromFileName("^[a-z]+") });
        Assert.Equal(["ecoli", "ecoli", "human"], Read.Text(view, "Label"));
        view = _files.Ml.Data.LoadFromFasta(paths,
            new FastaOptions { Label = SequenceLabel.FromFileName("train|test", MissingLabels.Missing) });
        Assert.Equal(["train", "train", ""], Read.Text(view, "Label"));
        view = _files.Ml.Data.LoadFromFasta(paths, new FastaOptions { Label = SequenceLabel.FromFileName("train") });
        Assert.Equal($"'{Path.Combine("y", "human.fasta")}': the pattern 'train' finds no label in the file's name 'human.fasta'.",
            _files.Problem(view));
    }

    [Fact]
    public void FolderName_IsTheLabelOfItsRecords()
    {
        _files.Write("data/yes/1.fa", ">a\nA\n");
        _files.Write("data/no/1.fq", "");
        _files.Write("data/no/2.fa.gz", ">b\nA\n");
        IDataView view = _files.Ml.Data.LoadFromFasta(_files.PathOf("data"), new FastaOptions { Label = SequenceLabel.FromFolderName() });
        Assert.Equal(["b||A|no", "a||A|yes"], SequenceFiles.Records(view));
    }

    [Fact]
    public void Table_GivesLabelsById()
    {
        string path = _files.Write("labels.tsv", "a\tx\r\nb\ty z\r\n\r\nunused\tq\n");
        Assert.Equal(["y z", "x"], Labels(">b text\nA\n>a\nC\n", SequenceLabel.FromTable(path)));
        path = _files.Write("labels.tsv.gz", SequenceFiles.Gzip("label\tother\tid\nx\t1\ta\ny\t2\tb"));
        Assert.Equal(["y", "x"],
            Labels(">b text\nA\n>a\nC\n", SequenceLabel.FromTable(path, idColumn: 2, labelColumn: 0, hasHeader: true)));
    }

    [Fact]
    public void TableWithoutAnId_IsAnErrorOrMissing()
    {
        string path = _files.Write("labels.tsv", "a\tx\nb\t\n");
        Assert.Equal("'test.fa', line 3: the label table 'labels.tsv' has no line for the id 'c'.",
            _files.FastaProblem(">a\nA\n>c d\nA\n", new FastaOptions { Label = SequenceLabel.FromTable(path) }));
        Assert.Equal("'test.fa', line 1: the label table 'labels.tsv' has an empty label for the id 'b'.",
            _files.FastaProblem(">b\nA\n", new FastaOptions { Label = SequenceLabel.FromTable(path) }));
        Assert.Equal(["", "x", ""], Labels(">b\nA\n>a\nA\n>c\nA\n", SequenceLabel.FromTable(path, missing: MissingLabels.Missing)));
    }

    [Theory]
    [InlineData("a\tx\nb\n",
        "'labels.tsv', line 2: the label table has 1 columns here; ids are expected in column 0 and labels in column 1, "
        + "counted from 0 with tabs between them.")]
    [InlineData("a\tx\n\nb\ty\na\tx\n", "'labels.tsv', line 4: the label table has the id 'a' a second time; it is in line 1 already.")]
    [InlineData("a\tx\nb\0\ty\n", "'labels.tsv', line 2 (byte 5): the byte 0x00 is in the label table; text is expected.")]
    public void WrongTables_AreRefused(string table, string problem)
    {
        string path = _files.Write("labels.tsv", table);
        Exception exception = Assert.Throws<InvalidDataException>(
            () => _files.Fasta(">a\nA\n", new FastaOptions { Label = SequenceLabel.FromTable(path) }));
        Assert.Equal(problem, exception.Message.Replace(_files.Folder + Path.DirectorySeparatorChar, ""));
    }

    [Fact]
    public void MissingTable_IsNamed()
    {
        string path = _files.PathOf("absent.tsv");
        Assert.Equal($"There is no file '{path}'.",
            Assert.Throws<FileNotFoundException>(
                () => _files.Fasta("", new FastaOptions { Label = SequenceLabel.FromTable(path) })).Message);
        path = _files.Write("latin.tsv", [(byte)'a', 9, 0xE9]);
        Assert.EndsWith("line 1: a line of the label table is not ASCII or UTF-8.",
            Assert.Throws<InvalidDataException>(
                () => _files.Fasta("", new FastaOptions { Label = SequenceLabel.FromTable(path) })).Message);
        path = _files.Write("long.tsv", new string('x', (1 << 20) + 1));
        Assert.EndsWith("line 1: a line of the label table is longer than 1048576 bytes.",
            Assert.Throws<InvalidDataException>(
                () => _files.Fasta("", new FastaOptions { Label = SequenceLabel.FromTable(path) })).Message);
    }

    [Fact]
    public void Arguments_AreChecked()
    {
        Assert.ThrowsAny<ArgumentException>(() => SequenceLabel.FromHeader("("));
        Assert.Throws<ArgumentException>("pattern", () => SequenceLabel.FromHeader(""));
        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => SequenceLabel.FromHeader("a", timeout: TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>("missing", () => SequenceLabel.FromFileName("a", (MissingLabels)2));
        Assert.Throws<ArgumentException>("path", () => SequenceLabel.FromTable(""));
        Assert.Throws<ArgumentOutOfRangeException>("idColumn", () => SequenceLabel.FromTable("t", -1));
        Assert.Throws<ArgumentOutOfRangeException>("labelColumn", () => SequenceLabel.FromTable("t", 1));
        Assert.Throws<ArgumentOutOfRangeException>("missing", () => SequenceLabel.FromTable("t", missing: (MissingLabels)2));
        Assert.Throws<ArgumentException>("LabelColumnName",
            () => _files.Fasta("", new FastaOptions { Label = SequenceLabel.FromFileName(), LabelColumnName = "Id" }));
    }

    private string[] Labels(string content, SequenceLabel label) =>
        Read.Text(_files.Fasta(content, new FastaOptions { Label = label }), "Label");
}

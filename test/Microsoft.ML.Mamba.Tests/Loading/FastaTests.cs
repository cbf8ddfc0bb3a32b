using System.Text;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Loading;

public sealed class FastaTests : IDisposable
{
    private readonly SequenceFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Columns_AreTexts()
    {
        IDataView view = _files.Fasta(">a b c\nACGT\n");
        Assert.Equal(["Id", "Description", "Sequence"], view.Schema.Select(column => column.Name));
        Assert.All(view.Schema, column => Assert.Equal(TextDataViewType.Instance, column.Type));
        Assert.Null(view.GetRowCount());
        Assert.False(view.CanShuffle);
    }

    [Theory]
    [InlineData(">a one\nAC\nGT\n>b\nTTTT\n", "a|one|ACGT", "b||TTTT")]
    [InlineData(">a one\r\nAC\r\nGT\r\n>b\r\nTTTT\r\n", "a|one|ACGT", "b||TTTT")]
    [InlineData(">a one\rAC\rGT\r>b\rTTTT\r", "a|one|ACGT", "b||TTTT")]
    [InlineData(">a one\nAC\nGT\n>b\nTTTT", "a|one|ACGT", "b||TTTT")]
    [InlineData("\n  \n>a\n\nAC\n \t\nGT\n\n>b\n\n\nTTTT\n\n", "a||ACGT", "b||TTTT")]
    [InlineData("; a comment\n;another > one\n>a\nAC\n; inside 12 \u0007\nGT\n>b ; no comment\nTTTT\n", "a||ACGT", "b|; no comment|TTTT")]
    [InlineData("\uFEFF>a\nACGT\n>b\nTT-T*.~?TT", "a||ACGT", "b||TT-T*.~?TT")]
    [InlineData(">a\t two \t words  \nAC GT\n>  b\n A\tC \n", "a|two \t words|ACGT", "b||AC")]
    [InlineData(">a\nacgtNNRY\n>\nMKV\n>größe µ\nA\n", "a||acgtNNRY", "||MKV", "größe|µ|A")]
    [InlineData("")]
    [InlineData("\n\n; only a comment\n")]
    public void Records_AreRead(string content, params string[] expected) =>
        Assert.Equal(expected, SequenceFiles.Records(_files.Fasta(content)));

    [Fact]
    public void UpperCase_ChangesSequencesOnly()
    {
        Assert.Equal(["ab|cd|acGT"], SequenceFiles.Records(_files.Fasta(">ab cd\nacGT\n")));
        Assert.Equal(["ab|cd|ACGT"], SequenceFiles.Records(_files.Fasta(">ab cd\nacGT\n", new FastaOptions { UpperCase = true })));
    }

    [Fact]
    public void KeepStop_DecidesAboutTheLastStar()
    {
        const string content = ">a\nMK*V\n*\n>b\nM**\n>c\nM\n";
        Assert.Equal(["a||MK*V", "b||M*", "c||M"], SequenceFiles.Records(_files.Fasta(content)));
        Assert.Equal(["a||MK*V*", "b||M**", "c||M"], SequenceFiles.Records(_files.Fasta(content, new FastaOptions { KeepStop = true })));
    }

    [Fact]
    public void EmptyRecords_FollowTheOption()
    {
        const string content = ">a\nA\n>b empty\n>c\n\n;x\n>d\n*\n>e\nC\n>f";
        Assert.Equal(
            "'test.fa', line 3: the record 'b empty' has an empty sequence; EmptyRecords says whether such records are kept or left out.",
            _files.FastaProblem(content));
        Assert.Equal(["a||A", "e||C"], SequenceFiles.Records(_files.Fasta(content, new FastaOptions { EmptyRecords = EmptyRecords.Skip })));
        Assert.Equal(["a||A", "b|empty|", "c||", "d||", "e||C", "f||"],
            SequenceFiles.Records(_files.Fasta(content, new FastaOptions { EmptyRecords = EmptyRecords.Keep })));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(0)]
    public void LongSequences_AreWhole(int width)
    {
        // Longer than the reader's buffer, the blocks, and the blocks that are kept.
        var random = new Random(1);
        string[] expected = [Letters(3_000_000), Letters(1), Letters((1 << 16) - 1), Letters(1 << 16), Letters((1 << 17) + 3), Letters(1)];
        var content = new StringBuilder();
        foreach (string sequence in expected)
        {
            content.Append(">x\n");
            foreach (char[] line in width == 0 ? [sequence.ToCharArray()] : sequence.Chunk(width))
                content.Append(line).Append('\n');
        }

        IDataView view = _files.Fasta(content.ToString());
        Assert.Equal(expected, Read.Text(view, "Sequence"));
        Assert.Equal(expected.Length, Read.Text(view, "Id").Length);

        string Letters(int count) => string.Create(count, random, (letters, source) => source.GetItems("ACGTNacgt", letters));
    }

    [Fact]
    public void LineEnds_AreFoundAcrossBuffers()
    {
        foreach (int length in Enumerable.Range((1 << 17) - 8, 12))
        {
            string sequence = new('A', length);
            Assert.Equal([$"a||{sequence}CC", "b||G"], SequenceFiles.Records(_files.Fasta($">a\r\n{sequence}\r\nCC\r\n>b\r\nG\r\n")));
            Assert.Equal(
                $"'test.fa', line 4 (byte {length + 10}): '9' is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.",
                _files.FastaProblem($">a\r\n{sequence}\r\nCC\r\n9"));
        }
    }

    [Theory]
    [InlineData("ACGT\n>a\nAC\n", "line 1 (byte 0): 'A' comes before the first header; a line that starts with '>' is expected.")]
    [InlineData("\n\n  @a\nAC\n", "line 3 (byte 4): '@' comes before the first header; a line that starts with '>' is expected.")]
    [InlineData(">a\nAC\nA\0GT\n", "line 3 (byte 7): the byte 0x00 is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.")]
    [InlineData(">a\nACGT\u0007\n", "line 2 (byte 7): the byte 0x07 is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.")]
    [InlineData(">a\nAC>GT\n", "line 2 (byte 5): '>' is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.")]
    [InlineData(">a\n40 40\n", "line 2 (byte 3): '4' is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.")]
    [InlineData(">a\nACé\n", "line 2 (byte 5): the byte 0xC3 is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.")]
    [InlineData(">a\u0001b\nAC\n", "line 1 (byte 2): the byte 0x01 is in a header; text is expected.")]
    public void WrongBytes_AreNamedWithTheirPlace(string content, string problem) =>
        Assert.Equal($"'test.fa', {problem}", _files.FastaProblem(content));

    [Fact]
    public void WrongFiles_AreRefused()
    {
        Assert.Equal("'a.fa', line 1: the header is not ASCII or UTF-8.",
            _files.Problem(_files.Ml.Data.LoadFromFasta(_files.Write("a.fa", [(byte)'>', 0xE9, (byte)'\n', (byte)'A']))));
        Assert.Equal("'b.fa' is text in UTF-16; ASCII or UTF-8 is expected.",
            _files.Problem(_files.Ml.Data.LoadFromFasta(_files.Write("b.fa", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(">a\nAC\n")]))));
        Assert.Equal("the header is longer than 1048576 bytes.", _files.FastaProblem(">" + new string('x', (1 << 20) + 1))[^40..]);
        Assert.Equal(1 << 20, Assert.Single(Read.Text(_files.Fasta($">{new string('x', 1 << 20)}\nA"), "Id")).Length);
    }

    [Fact]
    public void Errors_DoNotDependOnTheColumnsThatAreRead()
    {
        IDataView view = _files.Fasta(">a\nAC\n>b\nA1\n");
        using DataViewRowCursor cursor = view.GetRowCursor([]);
        Assert.True(cursor.MoveNext());
        Assert.Contains("'1' is in a sequence", Assert.Throws<InvalidDataException>(() => cursor.MoveNext()).Message);
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void Options_AreCheckedAndCopied()
    {
        string path = _files.Write("test.fa", ">a\nAC\n");
        Assert.StartsWith("SequenceColumnName is 'Id', which IdColumnName is already; columns need different names.",
            Assert.Throws<ArgumentException>("SequenceColumnName",
                () => _files.Ml.Data.LoadFromFasta(path, new FastaOptions { SequenceColumnName = "Id" })).Message);
        Assert.Throws<ArgumentException>("DescriptionColumnName",
            () => _files.Ml.Data.LoadFromFasta(path, new FastaOptions { DescriptionColumnName = "" }));
        Assert.StartsWith("EmptyRecords must be Error, Keep or Skip.",
            Assert.Throws<ArgumentOutOfRangeException>("EmptyRecords",
                () => _files.Ml.Data.LoadFromFasta(path, new FastaOptions { EmptyRecords = (EmptyRecords)3 })).Message);
        Assert.Throws<ArgumentNullException>("catalog", () => MambaDataCatalog.LoadFromFasta(null!, path));
        Assert.Throws<ArgumentException>("path", () => _files.Ml.Data.LoadFromFasta(""));
        Assert.Throws<ArgumentNullException>("paths", () => _files.Ml.Data.LoadFromFasta((IEnumerable<string>)null!));

        var options = new FastaOptions { IdColumnName = "I", DescriptionColumnName = "D", SequenceColumnName = "S", LabelColumnName = "I" };
        IDataView view = _files.Ml.Data.LoadFromFasta(path, options);
        options.UpperCase = true;
        File.WriteAllText(path, ">a x\nac\n");
        Assert.Equal(["I", "D", "S"], view.Schema.Select(column => column.Name));
        Assert.Equal(["a|x|ac"], SequenceFiles.Records(view));
    }
}

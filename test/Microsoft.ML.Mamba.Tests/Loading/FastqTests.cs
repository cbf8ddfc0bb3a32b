using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Loading;

public sealed class FastqTests : IDisposable
{
    private readonly SequenceFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("@a one\nACG\n+\n!I~\n@b\nT\n+b\n5\n")]
    [InlineData("@a one\r\nACG\r\n+a one\r\n!I~\r\n@b\r\nT\r\n+\r\n5")]
    [InlineData("\n@a one\nAC\nG\n+a\n!\nI~\n\n\n@b\n\nT\n\n+ \n5 \n\n")]
    public void Records_AreRead(string content)
    {
        IDataView view = _files.Fastq(content);
        Assert.Equal(["Id", "Description", "Sequence", "Quality"], view.Schema.Select(column => column.Name));
        Assert.Equal(["a|one|ACG", "b||T"], SequenceFiles.Records(view));
        Assert.Equal([[0, 40, 93], [20]], Read.Vectors(view, "Quality"));
        var type = Assert.IsType<VectorDataViewType>(view.Schema["Quality"].Type);
        Assert.Equal((NumberDataViewType.Single, false), (type.ItemType, type.IsKnownSize));
    }

    [Fact]
    public void QualityLines_MayStartLikeOtherLines() =>
        Assert.Equal(["a||ACGTAC", "b||AC"], SequenceFiles.Records(_files.Fastq("@a\nACGTAC\n+\n@@+\n+@@\n@b\nAC\n+\n>;\n")));

    [Fact]
    public void QualityOffset_IsTheLetterOfZero()
    {
        const string content = "@a\nACG\n+\n@h~\n";
        Assert.Equal([[31, 71, 93]], Read.Vectors(_files.Fastq(content), "Quality"));
        Assert.Equal([[0, 40, 62]], Read.Vectors(_files.Fastq(content, new FastqOptions { QualityOffset = 64 }), "Quality"));
        Assert.Equal(
            "'test.fq', line 4 (byte 10): '5' is quality letter 2 of the record at line 1, whose sequence has 3 letters; "
            + "with an offset of 64, '@' to '~' are expected.",
            _files.FastqProblem("@a\nACG\n+\n@5~\n", new FastqOptions { QualityOffset = 64 }));
        Assert.StartsWith("QualityOffset must be 33 or 64.",
            Assert.Throws<ArgumentOutOfRangeException>("QualityOffset",
                () => _files.Fastq(content, new FastqOptions { QualityOffset = 32 })).Message);
    }

    [Fact]
    public void LongReads_AreWhole()
    {
        string sequence = string.Concat(Enumerable.Repeat("ACGT", 100_000)), quality = string.Concat(Enumerable.Repeat("!+5?IJ@~", 50_000));
        IDataView view = _files.Fastq($"@a\n{sequence}\n+\n{quality}\n@b\nA\n+\nI\n");
        Assert.Equal([sequence, "A"], Read.Text(view, "Sequence"));
        float[][] scores = Read.Vectors(view, "Quality");
        Assert.Equal(quality.Select(letter => (float)(letter - '!')), scores[0]);
        Assert.Equal([40], scores[1]);
    }

    [Fact]
    public void EmptyRecords_FollowTheOption()
    {
        const string content = "@a\nA\n+\nI\n@b x\n\n+\n\n@c\n+\n@d\nC\n+\nI\n";
        Assert.Equal(
            "'test.fq', line 5: the record 'b x' has an empty sequence; EmptyRecords says whether such records are kept or left out.",
            _files.FastqProblem(content));
        Assert.Equal(["a||A", "d||C"], SequenceFiles.Records(_files.Fastq(content, new FastqOptions { EmptyRecords = EmptyRecords.Skip })));
        IDataView kept = _files.Fastq(content, new FastqOptions { EmptyRecords = EmptyRecords.Keep });
        Assert.Equal(["a||A", "b|x|", "c||", "d||C"], SequenceFiles.Records(kept));
        Assert.Equal([1, 0, 0, 1], Read.Vectors(kept, "Quality").Select(quality => quality.Length));
    }

    [Fact]
    public void UpperCase_AndColumnNames_AreHonoured()
    {
        var options = new FastqOptions
        {
            UpperCase = true, IdColumnName = "I", DescriptionColumnName = "D", SequenceColumnName = "S", QualityColumnName = "Q",
        };
        IDataView view = _files.Fastq("@a\nacgN\n+\nIIII\n", options);
        Assert.Equal(["I", "D", "S", "Q"], view.Schema.Select(column => column.Name));
        Assert.Equal(["a||ACGN"], SequenceFiles.Records(view));
        Assert.Throws<ArgumentException>("QualityColumnName", () => _files.Fastq("", new FastqOptions { QualityColumnName = "Sequence" }));
    }

    [Theory]
    [InlineData(">a\nAC\n", "line 1 (byte 0): '>' starts a record; a line that starts with '@' is expected.")]
    [InlineData("@a\nAC\n+\nII\nI\n", "line 5 (byte 11): 'I' starts a record; a line that starts with '@' is expected.")]
    [InlineData("@a\nAC\n@b\nAC\n", "line 3 (byte 6): '@' is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.")]
    [InlineData("@a\nAC\n+b\nII\n", "line 3: '+' is followed by 'b'; nothing or the header of line 1, 'a', is expected.")]
    [InlineData("@a\nAC\n+\nIII\n", "line 4: the record at line 1 has 3 quality letters or more; its sequence has 2 letters.")]
    [InlineData("\n@a\nAC\n", "line 2: the file ends inside this record, after 2 letters; a line that starts with '+' is expected.")]
    [InlineData("@a\nAC\n+\nI\n", "line 1: the file ends inside this record, after 1 quality letters; the sequence has 2 letters.")]
    [InlineData("@a\nACG\n+\nI\n@b c\nACG\n+\nIII\n",
        "line 5 (byte 13): a blank is quality letter 4 of the record at line 1, whose sequence has 3 letters; "
        + "with an offset of 33, '!' to '~' are expected.")]
    [InlineData("@a\nAC\n+\nI\u007f\n",
        "line 4 (byte 9): the byte 0x7F is quality letter 2 of the record at line 1, whose sequence has 2 letters; "
        + "with an offset of 33, '!' to '~' are expected.")]
    [InlineData("@a\nA\tC\0\n", "line 2 (byte 6): the byte 0x00 is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.")]
    [InlineData("@a\u001b\nAC\n", "line 1 (byte 2): the byte 0x1B is in a header; text is expected.")]
    [InlineData("@a\nAC\n+\u0002\nII\n", "line 3 (byte 7): the byte 0x02 is in a line of '+'; text is expected.")]
    public void WrongFiles_AreRefused_WithTheirPlace(string content, string problem) =>
        Assert.Equal($"'test.fq', {problem}", _files.FastqProblem(content));
}

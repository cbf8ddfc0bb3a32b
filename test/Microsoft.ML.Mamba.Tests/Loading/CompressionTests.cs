using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Loading;

public sealed class CompressionTests : IDisposable
{
    private static readonly byte[] BgzfEnd = Convert.FromHexString("1F8B08040000000000FF0600424302001B0003000000000000000000");

    private readonly SequenceFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Gzip_IsFoundByContent_NotByName()
    {
        Assert.Equal(["a||ACGT"], Records("a.fa", SequenceFiles.Gzip(">a\nACGT\n")));
        Assert.Equal(["a||ACGT"], Records("a.fa.gz", ">a\nACGT\n"u8.ToArray()));
        Assert.Empty(Records("a.fa.gz", SequenceFiles.Gzip("")));
    }

    [Fact]
    public void Members_FollowEachOther() => Assert.Equal(
        ["a||ACGT", "b||TT"],
        Records("a.gz",
        [
            .. SequenceFiles.Gzip(">a\nAC"), .. SequenceFiles.Gzip(""), .. SequenceFiles.Gzip("GT\n>b\nT"), .. BgzfEnd,
            .. SequenceFiles.Gzip("T"), .. BgzfEnd,
        ]));

    [Fact]
    public void LargeFiles_ComeOutWhole()
    {
        var random = new Random(3);
        string sequence = new(random.GetItems("ACGT".ToCharArray(), 700_001));
        Assert.Equal(["a||" + sequence], Records("a.gz", SequenceFiles.Gzip(">a\n" + sequence)));
    }

    [Fact]
    public void EveryCut_IsNoticed()
    {
        var random = new Random(3);
        byte[] member = SequenceFiles.Gzip($">a\n{new string(random.GetItems("ACGT".ToCharArray(), 900))}\n");
        byte[] whole = [.. member, .. member];
        for (int length = 3; length < whole.Length; length++)
        {
            if (length == member.Length)
                continue;
            string problem = _files.Problem(_files.Ml.Data.LoadFromFasta(_files.Write("a.gz", whole[..length])));
            Assert.Matches(
                "^'a.gz': the gzip data is damaged or cut off, or something else follows it; "
                + $"[0-9]+ bytes of content came out of {length} bytes of the file.$",
                problem);
        }
    }

    [Fact]
    public void DamageAndWhatFollows_AreNoticed()
    {
        byte[] whole = SequenceFiles.Gzip(">a\nACGTACGATCGATCGATC\n"), checksum = [.. whole];
        checksum[^6] ^= 1;
        foreach (byte[] content in new byte[][] { checksum, [.. whole, 1, 2, 3], [.. whole, .. "plain"u8] })
            Assert.Contains("gzip data is damaged", _files.Problem(_files.Ml.Data.LoadFromFasta(_files.Write("a.gz", content))));
    }

    [Fact]
    public void Places_AreThoseOfTheContent() => Assert.Equal(
        "'a.gz', line 2 (byte 4 of the uncompressed data): '5' is in a sequence; letters, '-', '.', '*', '~' and '?' are expected.",
        _files.Problem(_files.Ml.Data.LoadFromFasta(_files.Write("a.gz", SequenceFiles.Gzip(">a\nA5\n")))));

    [Theory]
    [InlineData("425A6839314159", "bzip2")]
    [InlineData("FD377A585A00", "xz")]
    [InlineData("28B52FFD0400", "zstd")]
    [InlineData("504B03041400", "zip")]
    public void OtherCompression_IsNamed(string content, string name) => Assert.Equal(
        $"'a.fa' is compressed with {name}; files are read as they are or compressed with gzip.",
        _files.Problem(_files.Ml.Data.LoadFromFasta(_files.Write("a.fa", Convert.FromHexString(content)))));

    private string[] Records(string name, byte[] content) =>
        SequenceFiles.Records(_files.Ml.Data.LoadFromFasta(_files.Write(name, content)));
}

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public sealed class TextQuotingTests : IDisposable
{
    private static readonly MLContext Ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private List<string> First(string content, bool quoting, bool multiline = false, char separator = ',')
    {
        var options = new TextLoader.Options
        {
            Separators = [separator],
            AllowQuoting = quoting,
            ReadMultilines = multiline,
            Columns = [new TextLoader.Column("Text", DataKind.String, 0), new TextLoader.Column("Number", DataKind.Single, 1)],
        };
        return Read.Text(Ml.Data.LoadFromTextFile(_folder.Write("data.txt", content), options), "Text");
    }

    [Fact]
    public void QuotedFieldsMayHoldTheSeparator() => Assert.Equal(["a,b", "c"], First("\"a,b\",1\nc,2\n", quoting: true));

    [Fact]
    public void DoubledQuotesAreOneQuote() => Assert.Equal(["say \"hi\""], First("\"say \"\"hi\"\"\",1\n", quoting: true));

    [Fact]
    public void QuotesInsideAnUnquotedFieldStay() => Assert.Equal(["a\"b"], First("a\"b,1\n", quoting: true));

    [Fact]
    public void WithoutQuoting_QuotesAreOrdinaryCharacters()
    {
        Assert.Equal(["\"a"], First("\"a,b\",1\n", quoting: false));
        Assert.Equal(["\"a\""], First("\"a\",1\n", quoting: false));
    }

    [Fact]
    public void QuotedEmptyFieldIsEmptyText() => Assert.Equal(["", "x"], First("\"\",1\nx,1\n", quoting: true));

    [Fact]
    public void QuotedLineBreaksBelongToTheFieldWhenMultilineIsOn() =>
        Assert.Equal(["a\nb", "c"], First("\"a\nb\",1\nc,2\n", quoting: true, multiline: true).ConvertAll(text => text.ReplaceLineEndings("\n")));

    [Fact]
    public void TextAfterAClosingQuoteEndsTheLineEvenWhenMultilineIsOn() =>
        Assert.Equal(2, First("\"a\"x,\"b\nc,2\n", quoting: true, multiline: true).Count);

    [Fact]
    public void AQuoteThatIsNeverClosed_ThrowsWhenMultilineIsOn() =>
        Assert.ThrowsAny<Exception>(() => First("x,1\n\"a,1\nb,2\n", quoting: true, multiline: true));

    [Fact]
    public void NonAsciiTextIsUtf8() => Assert.Equal(["größe", "ДНК", "配列"], First("größe\t1\nДНК\t2\n配列\t3\n", quoting: false, separator: '\t'));
}

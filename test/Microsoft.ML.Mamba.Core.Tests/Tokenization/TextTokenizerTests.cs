using System.Text;

namespace Microsoft.ML.Mamba.Tokenization;

public class TextTokenizerTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("ünïcödé 😀 漢字 \0 end")]
    public void Bytes_AreThoseOfUtf8(string text)
    {
        var tokenizer = new ByteTokenizer();
        Assert.Equal(Encoding.UTF8.GetBytes(text).Select(value => (int)value), tokenizer.EncodeToIds(text));
        Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeToIds(text)));
    }

    [Fact]
    public void Bytes_DoNotTearSurrogatePairsOfLongTexts()
    {
        for (int shift = 0; shift < 4; shift++)
        {
            string text = new string('x', shift) + string.Concat(Enumerable.Repeat("😀é", 1000));
            Assert.Equal(Encoding.UTF8.GetBytes(text).Select(value => (int)value), new ByteTokenizer().EncodeToIds(text));
        }

        Assert.Equal([0xEF, 0xBF, 0xBD, 'a', 0xEF, 0xBF, 0xBD], new ByteTokenizer().EncodeToIds("\uD83Da\uDE00"));
        Assert.Equal(300 * 3, new ByteTokenizer().EncodeToIds(new string('\uD83D', 300)).Length);
    }

    [Fact]
    public void Bytes_HaveNames()
    {
        var tokenizer = new ByteTokenizer();
        Assert.Equal(("A", "<0x0A>", "<0xFF>"), (tokenizer.GetToken('A'), tokenizer.GetToken(10), tokenizer.GetToken(255)));
        Assert.Equal((256, null), (tokenizer.VocabularySize, tokenizer.UnknownTokenId));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.GetToken(256));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
    }

    [Fact]
    public void Characters_AreUnicodeScalarValues()
    {
        var tokenizer = new CharacterTokenizer(["a", "😀", "é", "\uFFFD"]);
        Assert.Equal([1, 2, 3, 0, 0], tokenizer.EncodeToIds("a😀éb😁"));
        Assert.Equal([4, 1, 4], tokenizer.EncodeToIds("\uD83Da\uDE00"));
        Assert.Equal("a😀\uFFFD", tokenizer.Decode([1, 2, 0]));
        Assert.Equal(("<unk>", 5, 0), (tokenizer.GetToken(0), tokenizer.VocabularySize, tokenizer.UnknownTokenId));
        Assert.Empty(tokenizer.EncodeToIds(""));
    }

    [Fact]
    public void Characters_AreLoweredWhenAsked()
    {
        Assert.Equal([0, 1], new CharacterTokenizer(["ä"]).EncodeToIds("Ää"));
        Assert.Equal([1, 1], new CharacterTokenizer(["ä"], lowerCase: true).EncodeToIds("Ää"));
        Assert.Equal([1], new CharacterTokenizer(["𐐨"], lowerCase: true).EncodeToIds("𐐀"));
    }

    [Fact]
    public void Characters_MustBeSingleAndDifferent()
    {
        Assert.Contains("Token 2", Assert.Throws<ArgumentException>(() => new CharacterTokenizer(["a", "bc"])).Message);
        Assert.Contains("Token 1", Assert.Throws<ArgumentException>(() => new CharacterTokenizer(["\uD83D"])).Message);
        Assert.Contains("Token 1", Assert.Throws<ArgumentException>(() => new CharacterTokenizer([""])).Message);
        Assert.Contains("'a' occurs twice", Assert.Throws<ArgumentException>(() => new CharacterTokenizer(["a", "a"])).Message);
    }

    [Theory]
    [InlineData("It's a dog's life, don't you think?", "it's|a|dog's|life|,|don't|you|think|?")]
    [InlineData("it’s ʼtwas O’Neill’s", "it's|'twas|o'neill's")]
    [InlineData("'quoted' rock 'n' roll", "'|quoted|'|rock|'|n|'|roll")]
    [InlineData("well-known e.g. 3.14 covid19 snake_case", "well|-|known|e|.|g|.|3|.|14|covid19|snake_case")]
    [InlineData("  \t\r\n\0 ", "")]
    [InlineData("...!!", ".|.|.|!|!")]
    [InlineData("Größe NAÏVE Straße", "größe|naïve|straße")]
    [InlineData("nai\u0308ve caf\u00E9", "nai\u0308ve|caf\u00E9")]
    [InlineData("Привет, МИР!", "привет|,|мир|!")]
    [InlineData("漢字かな交じり文です。", "漢|字|か|な|交|じ|り|文|で|す|。")]
    [InlineData("한국어 문장", "한국어|문장")]
    [InlineData("مرحبا بالعالم؟", "مرحبا|بالعالم|؟")]
    [InlineData("नमस्ते दुनिया", "नमस्ते|दुनिया")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("ไทย", "ไ|ท|ย")]
    [InlineData("กำ น้ำ", "ก|ำ|น้|ำ")]
    [InlineData("good😀day 👍🏽", "good|😀|day|👍|🏽")]
    [InlineData("❤\uFE0F!", "❤\uFE0F|!")]
    [InlineData("𠮷野家", "𠮷|野|家")]
    [InlineData("a\u00ADb\uFEFFc", "a|b|c")]
    [InlineData("$5 a+b=c", "$|5|a|+|b|=|c")]
    [InlineData("end'", "end|'")]
    [InlineData("２０２０年", "２０２０|年")]
    public void Words_AreSplitLikeText(string text, string tokens)
    {
        string[] expected = tokens.Split('|', StringSplitOptions.RemoveEmptyEntries);
        var tokenizer = new WordTokenizer(expected.Distinct());
        Assert.Equal(expected, tokenizer.EncodeToIds(text).Select(tokenizer.GetToken));
    }

    [Fact]
    public void Words_TakeHalfASurrogatePairAsAReplacementCharacter() =>
        Assert.Equal([1, 3, 2, 3], new WordTokenizer(["x", "y", "\uFFFD"]).EncodeToIds("x\uD83Dy\uDE00"));

    [Fact]
    public void Words_KeepTheirCaseWhenAsked()
    {
        Assert.Equal([1, 0, 0], new WordTokenizer(["Dog"], lowerCase: false).EncodeToIds("Dog dog DOG"));
        Assert.Equal([1, 1, 1], new WordTokenizer(["dog"]).EncodeToIds("Dog dog DOG"));
        Assert.Equal([1], new WordTokenizer(["it's"], lowerCase: false).EncodeToIds("it’s"));
    }

    [Fact]
    public void Words_MayBeOfAnyLength()
    {
        string longWord = new('a', 100_000);
        Assert.Equal([0, 1], new WordTokenizer(["b"]).EncodeToIds(longWord + " b"));
        Assert.Equal("b <unk> b", new WordTokenizer(["b"]).Decode([1, 0, 1]));
    }

    [Fact]
    public void Encode_RunsOnManyThreads()
    {
        var tokenizer = new WordTokenizer(["the", "cat"]);
        Parallel.For(0, 200, _ => Assert.Equal([1, 2, 0], tokenizer.EncodeToIds("The cat sat")));
    }
}

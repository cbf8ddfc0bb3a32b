namespace Microsoft.ML.Mamba.Tokenization;

public class NucleotideTokenizerTests
{
    private static int[] Encode(string text, NucleotideOptions? options = null) => new NucleotideTokenizer(options).EncodeToIds(text);

    [Fact]
    public void Encode_MapsNucleotidesOfEitherCaseAndUracil()
    {
        Assert.Equal([0, 1, 2, 3, 3, 4], Encode("ACGTUN"));
        Assert.Equal([0, 1, 2, 3, 3, 4], Encode("acgtun"));
        Assert.Equal(5, new NucleotideTokenizer().VocabularySize);
        Assert.Equal(4, new NucleotideTokenizer().UnknownTokenId);
        Assert.Empty(Encode(""));
    }

    [Fact]
    public void Encode_TakesAmbiguityCodesAsNOrAsThemselves()
    {
        Assert.Equal(Enumerable.Repeat(4, 10), Encode("RYSWKMBDHV"));
        var options = new NucleotideOptions { DistinguishAmbiguityCodes = true };
        Assert.Equal(Enumerable.Range(5, 10), Encode("RYSWKMBDHV", options));
        Assert.Equal(Enumerable.Range(5, 10), Encode("ryswkmbdhv", options));
        Assert.Equal(15, new NucleotideTokenizer(options).VocabularySize);
        Assert.Equal("RV", new NucleotideTokenizer(options).Decode([5, 14]));
    }

    [Fact]
    public void LowerCase_IsMaskedOrRefusedWhenAsked()
    {
        Assert.Equal([0, 4, 4, 3], Encode("AcgT", new() { LowerCase = NucleotideCase.Mask }));
        Assert.Contains("Position 1 holds 'c'", Error("Ac", new() { LowerCase = NucleotideCase.Sensitive }));
        Assert.Equal([0, 4], Encode("Ac", new() { LowerCase = NucleotideCase.Sensitive, OtherLetters = LetterPolicy.Unknown }));
    }

    [Fact]
    public void GapsAndWhiteSpace_FollowTheirPolicies()
    {
        Assert.Equal([0, 1, 2], Encode("A-C.\r\n G\u00A0"));
        Assert.Equal([0, 4, 4, 1], Encode("A-.C", new() { Gaps = LetterPolicy.Unknown }));
        Assert.Equal([0, 4, 1], Encode("A\u2003C", new() { WhiteSpace = LetterPolicy.Unknown }));
        Assert.Contains("Position 1 holds '-'", Error("A-", new() { Gaps = LetterPolicy.Reject }));
        Assert.Contains("Position 2 holds U+000A", Error("AC\n", new() { WhiteSpace = LetterPolicy.Reject }));
    }

    [Theory]
    [InlineData("ACGTJ", "Position 4 holds 'J'")]
    [InlineData("AC9T", "Position 2 holds '9'")]
    [InlineData("AÄ", "Position 1 holds 'Ä'")]
    [InlineData("A😀", "Position 1 holds U+D83D")]
    [InlineData("*", "Position 0 holds '*'")]
    [InlineData("A\0", "Position 1 holds U+0000")]
    public void OtherLetters_AreNamed(string text, string named)
    {
        Assert.Contains(named, Error(text));
        Assert.Contains(4, Encode(text, new() { OtherLetters = LetterPolicy.Unknown }));
        Assert.DoesNotContain(4, Encode(text, new() { OtherLetters = LetterPolicy.Skip }));
    }

    [Fact]
    public void Kmers_AreNumbersOfBase4()
    {
        var options = new NucleotideOptions { KmerLength = 3 };
        Assert.Equal([0 * 16 + 1 * 4 + 2, 1 * 16 + 2 * 4 + 3, 2 * 16 + 3 * 4 + 3], Encode("ACGTU", options));
        Assert.Equal(65, new NucleotideTokenizer(options).VocabularySize);
        Assert.Equal(64, new NucleotideTokenizer(options).UnknownTokenId);
        Assert.Empty(Encode("AC", options));
        Assert.Equal("ACG", new NucleotideTokenizer(options).GetToken(6));
        Assert.Equal("NNN", new NucleotideTokenizer(options).GetToken(64));
    }

    [Fact]
    public void Kmers_WithAmbiguousLettersAreUnknown()
    {
        Assert.Equal([0, 16, 16, 0], Encode("AANAA", new() { KmerLength = 2 }));
        Assert.Equal([0, 16, 0], Encode("AANAAA", new() { KmerLength = 2, KmerStride = 2 }));
        Assert.Equal([0, 16, 16, 1], Encode("AARAC", new() { KmerLength = 2 }));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 7)]
    [InlineData(10, 5)]
    public void Kmers_MatchCuttingTheTextByHand(int k, int stride)
    {
        var random = new MambaRandom(k, "text", stride);
        string text = string.Concat(Enumerable.Range(0, 200).Select(_ => "ACGTN"[random.NextInt32(random.NextInt32(20) == 0 ? 5 : 4)]));
        var tokenizer = new NucleotideTokenizer(new() { KmerLength = k, KmerStride = stride });
        string[] expected = [.. Enumerable.Range(0, text.Length).Where(i => i % stride == 0 && i + k <= text.Length)
            .Select(i => text.Substring(i, k)).Select(kmer => kmer.Contains('N') ? new string('N', k) : kmer)];
        Assert.Equal(expected, tokenizer.EncodeToIds(text).Select(tokenizer.GetToken));
    }

    [Theory]
    [InlineData(1, 1, "ACGTNAC", "ACGTNAC")]
    [InlineData(3, 1, "ACGTTAC", "ACGTTAC")]
    [InlineData(3, 3, "ACGTTACC", "ACGTTA")]
    [InlineData(2, 3, "ACGTTACC", "ACNTTNCC")]
    public void Decode_LaysKmersOverOneAnother(int k, int stride, string text, string decoded)
    {
        var tokenizer = new NucleotideTokenizer(new() { KmerLength = k, KmerStride = stride });
        Assert.Equal(decoded, tokenizer.Decode(tokenizer.EncodeToIds(text)));
    }

    [Theory]
    [InlineData(1, 1, "AACGTTNNAC", "GTNNAACGTT")]
    [InlineData(3, 1, "AACGTTNNAC", "GTNNAACGTT")]
    [InlineData(3, 2, "AACGTTNAC", "GTNAACGTT")]
    [InlineData(10, 1, "AACGTTAAACC", "GGTTTAACGTT")]
    public void Complements_AreTheOtherStrandsTokens(int k, int stride, string text, string other)
    {
        var tokenizer = new NucleotideTokenizer(new NucleotideOptions { KmerLength = k, KmerStride = stride });
        Assert.Equal(tokenizer.EncodeToIds(other), tokenizer.EncodeToIds(text).Reverse().Select(tokenizer.ComplementOf));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.ComplementOf(tokenizer.VocabularySize));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.ComplementOf(-1));
    }

    [Fact]
    public void Complements_KnowAmbiguityCodes()
    {
        var tokenizer = new NucleotideTokenizer(new NucleotideOptions { DistinguishAmbiguityCodes = true });
        Assert.Equal("TGCANYRSWMKVHDB", tokenizer.Decode([.. tokenizer.EncodeToIds("ACGTNRYSWKMBDHV").Select(tokenizer.ComplementOf)]));
    }

    [Fact]
    public void Options_AreValidated()
    {
        Assert.Contains("KmerLength", Refused(new() { KmerLength = 0 }));
        Assert.Contains("KmerLength", Refused(new() { KmerLength = 11 }));
        Assert.Contains("KmerStride", Refused(new() { KmerStride = 0 }));
        Assert.Contains("DistinguishAmbiguityCodes", Refused(new() { KmerLength = 2, DistinguishAmbiguityCodes = true }));
        Assert.Contains("LowerCase", Refused(new() { LowerCase = (NucleotideCase)7 }));
        Assert.Contains("Gaps", Refused(new() { Gaps = (LetterPolicy)7 }));
        Assert.Contains("WhiteSpace", Refused(new() { WhiteSpace = (LetterPolicy)7 }));
        Assert.Contains("OtherLetters", Refused(new() { OtherLetters = (LetterPolicy)7 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NucleotideTokenizer().GetToken(5));

        static string Refused(NucleotideOptions options) => Assert.ThrowsAny<ArgumentException>(() => new NucleotideTokenizer(options)).Message;
    }

    private static string Error(string text, NucleotideOptions? options = null) => Assert.Throws<ArgumentException>(() => Encode(text, options)).Message;
}

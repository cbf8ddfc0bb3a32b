namespace Microsoft.ML.Mamba.Tokenization;

public class TokenizerBuilderTests
{
    private static string[] Learn(TokenizerOptions options, params string[] texts)
    {
        SequenceTokenizer tokenizer = TokenizerBuilder.Learn(options, texts);
        return [.. Enumerable.Range(1, tokenizer.VocabularySize - 1).Select(tokenizer.GetToken)];
    }

    [Fact]
    public void Words_AreOrderedByFrequencyThenOrdinally()
    {
        Assert.Equal(["b", "a", "c"], Learn(new() { MinimumCount = 1 }, "b c", "B a b"));
        Assert.Equal(["b", "a", "c"], Learn(new() { MinimumCount = 1 }, "a B b", "c b"));
    }

    [Fact]
    public void MinimumCount_LeavesRareTokensOut()
    {
        Assert.Equal(["b"], Learn(new(), "b c", "b a"));
        Assert.Equal(["b"], Learn(new() { MinimumCount = 3 }, "b b b a a"));
        Assert.Equal(["x"], Learn(new() { Kind = TokenizerKind.Character }, "xy", "xz"));
    }

    [Fact]
    public void MaximumVocabularySize_CountsTheUnknownToken()
    {
        Assert.Equal(["a", "b"], Learn(new() { MinimumCount = 1, MaximumVocabularySize = 3 }, "d c b a a"));
        Assert.Equal(3, TokenizerBuilder.Learn(new() { MinimumCount = 1, MaximumVocabularySize = 3 }, ["d c b a a"]).VocabularySize);
    }

    [Fact]
    public void LowerCase_DefaultsByKind()
    {
        Assert.Equal(["dog"], Learn(new(), "Dog dog"));
        Assert.Equal(["Dog", "dog"], Learn(new() { LowerCase = false, MinimumCount = 1 }, "Dog dog"));
        Assert.Equal(["A", "a"], Learn(new() { Kind = TokenizerKind.Character, MinimumCount = 1 }, "Aa"));
        Assert.Equal(["a"], Learn(new() { Kind = TokenizerKind.Character, LowerCase = true }, "Aa"));
    }

    [Fact]
    public void Learn_TakesMemoryAndBuildsWhatNeedsNoTexts()
    {
        Assert.Equal(3, TokenizerBuilder.Learn(new() { MinimumCount = 1 }, new[] { "a b".AsMemory() }).VocabularySize);
        Assert.IsType<ByteTokenizer>(TokenizerBuilder.Learn(new() { Kind = TokenizerKind.Byte }, Array.Empty<string>()));
        var nucleotides = Assert.IsType<NucleotideTokenizer>(
            TokenizerBuilder.Learn(new() { Kind = TokenizerKind.Nucleotide, Nucleotide = new() { KmerLength = 2 } },
                Array.Empty<string>()));
        Assert.Equal(2, nucleotides.Options.KmerLength);
    }

    [Fact]
    public void Learn_SaysThatNothingWasLearned() =>
        Assert.Contains("at least 2 times", Assert.Throws<InvalidOperationException>(() => Learn(new(), "a b", "")).Message);

    [Fact]
    public void OverlongWords_AreUnknown()
    {
        string longWord = new('a', 70_000);
        Assert.Equal(["b"], Learn(new(), $"{longWord} {longWord} b b"));
    }

    [Fact]
    public void LearnedTokens_EncodeTheirTexts()
    {
        string[] texts = ["It’s 漢字, isn't it? 😀", "ÉCOLE école 𠮷 x\uD83Dy"];
        foreach (TokenizerKind kind in new[] { TokenizerKind.Word, TokenizerKind.Character })
        {
            SequenceTokenizer tokenizer = TokenizerBuilder.Learn(new() { Kind = kind, MinimumCount = 1 }, texts);
            Assert.All(texts, text => Assert.DoesNotContain(0, tokenizer.EncodeToIds(text)));
            SequenceTokenizer restored = SequenceTokenizer.FromJson(tokenizer.ToJson());
            Assert.All(texts, text => Assert.Equal(tokenizer.EncodeToIds(text), restored.EncodeToIds(text)));
        }
    }

    [Fact]
    public void Options_AreValidated()
    {
        Assert.Contains("Kind", Refused(new() { Kind = (TokenizerKind)9 }));
        Assert.Contains("MinimumCount", Refused(new() { MinimumCount = 0 }));
        Assert.Contains("MaximumVocabularySize", Refused(new() { MaximumVocabularySize = 1 }));
        Assert.Contains("KmerLength", Refused(new() { Kind = TokenizerKind.Nucleotide, Nucleotide = new() { KmerLength = 0 } }));
        Assert.Contains("Nucleotide does not apply to the Word", Refused(new() { Nucleotide = new() }));
        Assert.Contains("LowerCase does not apply to the Byte", Refused(new() { Kind = TokenizerKind.Byte, LowerCase = true }));
        Assert.Contains("MinimumCount does not apply to the Nucleotide", Refused(new() { Kind = TokenizerKind.Nucleotide, MinimumCount = 2 }));
        Assert.Contains("MaximumVocabularySize does not apply", Refused(new() { Kind = TokenizerKind.Byte, MaximumVocabularySize = 300 }));

        static string Refused(TokenizerOptions options) => Assert.ThrowsAny<ArgumentException>(() => new TokenizerBuilder(options)).Message;
    }
}

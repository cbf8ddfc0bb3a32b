using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Core.Tests.Tokenization;

/// <summary>Where tokens stand in their text.</summary>
public class TokenSpanTests
{
    private static readonly string[] s_texts =
    [
        "", " ", "ACGT", "AC-GT N acgtu\nRYAC", "Don't stop, naïve fool!", "\U0001F600 a\u0301b \uD800x", "日本 ab_1",
    ];

    public static TheoryData<string, SequenceTokenizer> Tokenizers => new()
    {
        { "nucleotides", Nucleotides(1, 1) }, { "k-mers", Nucleotides(3, 1) }, { "k-mers apart", Nucleotides(2, 5) },
        { "bytes", new ByteTokenizer() }, { "characters", new CharacterTokenizer(["a", "b"]) }, { "words", new WordTokenizer(["a", "don't"]) },
    };

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void EveryToken_HasASpanInsideTheText_InOrder(string name, SequenceTokenizer tokenizer)
    {
        Assert.NotEmpty(name);
        foreach (string text in s_texts)
        {
            TokenSpan[] spans = tokenizer.EncodeToSpans(text);
            Assert.Equal(tokenizer.EncodeToIds(text).Length, spans.Length);
            Assert.All(spans, span => Assert.True(span.Length >= 1 && span.Start >= 0 && span.Start + span.Length <= text.Length, $"{span} in '{text}'"));
            Assert.Equal(spans.OrderBy(span => span.Start), spans);
        }
    }

    [Fact]
    public void Words_StandWhereTheyAreWritten()
    {
        const string Text = " Don’t stop,  é\u0301x";
        Assert.Equal(["Don’t", "stop", ",", "é\u0301x"], Pieces(new WordTokenizer(["a"]), Text));
    }

    [Fact]
    public void Kmers_ReachFromTheirFirstLetterToTheirLast()
    {
        Assert.Equal(["A-C", "C G", "GT"], Pieces(Nucleotides(2, 1), "A-C GT"));
        Assert.Equal(["AC", "GT"], Pieces(Nucleotides(2, 3), "ACTGTA"));
        Assert.Equal(["A", "C"], Pieces(Nucleotides(1, 1), " A-C"));
        string letters = new([.. Enumerable.Range(0, 300).Select(i => "ACGT"[i * i % 4])]);
        string[] kmers = Pieces(Nucleotides(10, 1), letters);
        Assert.Equal(Enumerable.Range(0, 291).Select(i => letters.Substring(i, 10)), kmers);
        Assert.Contains("Position 2", Assert.Throws<ArgumentException>(() => new NucleotideTokenizer().EncodeToSpans("AC!")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_ShareTheirCharacter()
    {
        Assert.Equal([new(0, 1), new(1, 1), new(1, 1), new(2, 2), new(2, 2), new(2, 2), new(2, 2)], new ByteTokenizer().EncodeToSpans("aé\U0001F600"));
        Assert.Equal(Encoding.UTF8.GetByteCount("\uFFFD"), new ByteTokenizer().EncodeToSpans("\uDC00").Length);
    }

    [Fact]
    public void TokenizerThatDoesNotKnow_SaysSo() =>
        Assert.Contains("'odd'", Assert.Throws<NotSupportedException>(() => new Odd().EncodeToSpans("a")).Message, StringComparison.Ordinal);

    private static NucleotideTokenizer Nucleotides(int k, int stride) => new(new NucleotideOptions
    {
        KmerLength = k, KmerStride = stride, Gaps = LetterPolicy.Skip, WhiteSpace = LetterPolicy.Skip, OtherLetters = LetterPolicy.Unknown,
    });

    private static string[] Pieces(SequenceTokenizer tokenizer, string text) =>
        [.. tokenizer.EncodeToSpans(text).Select(span => text.Substring(span.Start, span.Length))];

    private sealed class Odd : SequenceTokenizer
    {
        public override string Kind => "odd";

        public override int VocabularySize => 1;

        public override int? UnknownTokenId => 0;

        public override void Encode(ReadOnlySpan<char> text, IBufferWriter<int> ids) => Append(ids, 0);

        public override string GetToken(int id) => "";

        protected override void WriteJson(Utf8JsonWriter writer)
        {
        }
    }
}

using System.Buffers;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Tokenization;

public class TokenizerJsonTests
{
    private static string Error(string json) => Assert.Throws<InvalidDataException>(() => SequenceTokenizer.FromJson(json)).Message;

    [Fact]
    public void Nucleotides_RoundTripEveryOption()
    {
        NucleotideOptions[] all =
        [
            new(),
            new() { KmerLength = 3, KmerStride = 2, LowerCase = NucleotideCase.Mask, Gaps = LetterPolicy.Reject,
                WhiteSpace = LetterPolicy.Unknown, OtherLetters = LetterPolicy.Skip },
            new() { DistinguishAmbiguityCodes = true, LowerCase = NucleotideCase.Sensitive },
        ];
        foreach (NucleotideOptions options in all)
            Assert.Equal(options, Assert.IsType<NucleotideTokenizer>(SequenceTokenizer.FromJson(new NucleotideTokenizer(options).ToJson())).Options);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Vocabularies_RoundTrip(bool lowerCase)
    {
        string[] words = ["don't", "漢", "😀", "\"quoted\\", "\u0001", "</script>", "\uFFFD"];
        var tokenizer = Assert.IsType<WordTokenizer>(SequenceTokenizer.FromJson(new WordTokenizer(words, lowerCase).ToJson()));
        Assert.Equal(words, Enumerable.Range(1, words.Length).Select(tokenizer.GetToken));
        Assert.Equal(lowerCase, tokenizer.LowerCase);
        var characters = Assert.IsType<CharacterTokenizer>(SequenceTokenizer.FromJson(new CharacterTokenizer(["b", "😀", "\"", "\0"], lowerCase).ToJson()));
        Assert.Equal(["b", "😀", "\"", "\0"], Enumerable.Range(1, 4).Select(characters.GetToken));
        Assert.Equal(lowerCase, characters.LowerCase);
        Assert.IsType<ByteTokenizer>(SequenceTokenizer.FromJson(new ByteTokenizer().ToJson()));
    }

    [Fact]
    public void Json_IsReadable() =>
        Assert.Equal("""{"kind":"word","version":1,"lower_case":true,"tokens":["a","é"]}""", new WordTokenizer(["a", "é"]).ToJson());

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{}", "lacks 'kind'")]
    [InlineData("""{"kind":1}""", "'kind'")]
    [InlineData("""{"kind":"byte"}""", "lacks 'version'")]
    [InlineData("""{"kind":"byte","version":2}""", "version 2")]
    [InlineData("""{"kind":"byte","version":"1"}""", "'version'")]
    [InlineData("""{"kind":"bpe","version":1}""", "'bpe'")]
    [InlineData("""{"kind":"byte","version":1,"extra":0}""", "'extra'")]
    [InlineData("""{"kind":"byte","version":1,"version":1}""", "version")]
    [InlineData("""{"kind":"word","version":1,"lower_case":true}""", "lacks 'tokens'")]
    [InlineData("""{"kind":"word","version":1,"lower_case":0,"tokens":[]}""", "'lower_case'")]
    [InlineData("""{"kind":"word","version":1,"lower_case":true,"tokens":{}}""", "'tokens'")]
    [InlineData("""{"kind":"word","version":1,"lower_case":true,"tokens":["a",1]}""", "value 1 is Number")]
    [InlineData("""{"kind":"word","version":1,"lower_case":true,"tokens":["a",null]}""", "value 1 is Null")]
    [InlineData("""{"kind":"word","version":1,"lower_case":true,"tokens":["a","a"]}""", "'a' occurs twice, as 1 and 2")]
    [InlineData("""{"kind":"word","version":1,"lower_case":true,"tokens":[""]}""", "Token 1 has 0 characters")]
    [InlineData("""{"kind":"character","version":1,"lower_case":true,"tokens":["ab"]}""", "Token 1")]
    [InlineData("""{"kind":"character","version":1,"lower_case":true,"tokens":["\ud83d"]}""", "JSON")]
    [InlineData("""{"kind":"nucleotide","version":1,"kmer_length":30}""", "'kmer_length' of the tokenizer must be 1 to 10; got 30")]
    public void FromJson_NamesWhatIsWrong(string json, string named) => Assert.Contains(named, Error(json));

    [Fact]
    public void FromJson_RefusesContradictionsDepthAndOverlongTokens()
    {
        string json = new NucleotideTokenizer(new() { KmerLength = 2 }).ToJson();
        Assert.Contains("DistinguishAmbiguityCodes", Error(json.Replace("codes\":false", "codes\":true")));
        Assert.Contains("'gaps'", Error(json.Replace("\"gaps\":\"Skip\"", "\"gaps\":\"2\"")));
        Error("{\"kind\":" + new string('[', 100_000));
        Assert.Contains("70000 characters", Error("{\"kind\":\"word\",\"version\":1,\"lower_case\":true,\"tokens\":[\"" + new string('a', 70_000) + "\"]}"));
    }

    [Fact]
    public void FromJson_AsksReadersOfOtherKinds()
    {
        var readers = new Dictionary<string, Func<JsonElement, SequenceTokenizer>>
        {
            ["doubling"] = element => new Doubling(element.GetProperty("times").GetInt32()),
        };
        var tokenizer = Assert.IsType<Doubling>(SequenceTokenizer.FromJson(new Doubling(3).ToJson(), readers));
        Assert.Equal(["aaa", "bbb"], new[] { tokenizer.GetToken(0), tokenizer.GetToken(1) });
        Assert.Equal("aaabbb", tokenizer.Decode([0, 1]));
        Assert.Contains("'doubling'", Error(new Doubling(3).ToJson()));
    }

    private sealed class Doubling(int times) : SequenceTokenizer
    {
        public override string Kind => "doubling";

        public override int VocabularySize => 26;

        public override int? UnknownTokenId => null;

        public override void Encode(ReadOnlySpan<char> text, IBufferWriter<int> ids)
        {
            foreach (char c in text)
                Append(ids, c - 'a');
        }

        public override string GetToken(int id) => new((char)('a' + id), times);

        protected override void WriteJson(Utf8JsonWriter writer) => writer.WriteNumber("times", times);
    }
}

using System.Buffers;
using System.Text.Json;
using Microsoft.ML.Mamba.Tests.Persistence;
using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Mamba.Tests.Tokenization;

public class MicrosoftTokenizerTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Model_TrainsAndIsLoadedWithTheRegisteredTokenizer()
    {
        string name = "letters-" + Guid.NewGuid();
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Reviews(40)));
        MambaClassificationOptions options = Train.Options();
        options.CustomTokenizer = new MicrosoftTokenizer(name, new Letters(0), 32);
        MambaTransformer model = Train.Fit(_ml, data, options);
        Assert.Equal(32, model.Config.VocabSize);
        using var folder = new TempFolder();
        string path = folder.PathOf("m.zip");
        string missing = Innermost(Assert.ThrowsAny<Exception>(() => RoundTripTests.SaveAndLoad(model, data.Schema, path)));
        Assert.Contains($"MambaTokenizers.Register(\"{name}\"", missing, StringComparison.Ordinal);
        MambaTokenizers.Register(name, () => new Letters(1));
        string other = Innermost(Assert.ThrowsAny<Exception>(() => RoundTripTests.SaveAndLoad(model, data.Schema, path)));
        Assert.Contains($"'{name}' gives other token ids", other, StringComparison.Ordinal);
        MambaTokenizers.Register(name, () => new Letters(0));
        MambaTransformer loaded = RoundTripTests.SaveAndLoad(model, data.Schema, path);
        Assert.Equal(name, Assert.IsType<MicrosoftTokenizer>(loaded.Tokenizer).Name);
        Assert.Equal(model.Tokenizer!.EncodeToIds("a good film"), loaded.Tokenizer!.EncodeToIds("a good film"));
        Assert.Equal(40, Read.Vectors(loaded.Transform(data), "Score").Length);
    }

    [Fact]
    public void Adapter_EncodesAndDecodes()
    {
        var tokenizer = new MicrosoftTokenizer("letters", new Letters(0), 32);
        Assert.Equal([1, 2, 31], tokenizer.EncodeToIds("ab!"));
        Assert.Empty(tokenizer.EncodeToIds(""));
        Assert.Equal("ab?", tokenizer.Decode([1, 2, 31]));
        Assert.Equal("b", tokenizer.GetToken(2));
        Assert.Equal([new(0, 1), new(1, 1), new(2, 1)], tokenizer.EncodeToSpans("ab!"));
        Assert.Empty(tokenizer.EncodeToSpans(""));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.GetToken(32));
        string message = Assert.Throws<ArgumentException>(() => new MicrosoftTokenizer("letters", new Letters(0), 31).EncodeToIds("ab!")).Message;
        Assert.Contains("'letters'", message, StringComparison.Ordinal);
        Assert.Contains("31", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_AreChecked()
    {
        Assert.ThrowsAny<ArgumentException>(() => new MicrosoftTokenizer(" ", new Letters(0), 32));
        Assert.ThrowsAny<ArgumentException>(() => new MicrosoftTokenizer("a", null!, 32));
        Assert.ThrowsAny<ArgumentException>(() => new MicrosoftTokenizer("a", new Letters(0), 0));
        Assert.ThrowsAny<ArgumentException>(() => MambaTokenizers.Register("", () => new Letters(0)));
        Assert.ThrowsAny<ArgumentException>(() => MambaTokenizers.Register("a", null!));
        Assert.ThrowsAny<ArgumentException>(() => MambaTokenizers.RegisterKind("word", _ => new ByteTokenizer()));
    }

    [Fact]
    public void OwnTokenizerClass_IsLoadedByItsKind()
    {
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Reviews(20)));
        MambaClassificationOptions options = Train.Options();
        options.CustomTokenizer = new Vowels();
        MambaTransformer model = Train.Fit(_ml, data, options);
        using var folder = new TempFolder();
        string missing = Innermost(Assert.ThrowsAny<Exception>(() => RoundTripTests.SaveAndLoad(model, data.Schema, folder.PathOf("m.zip"))));
        Assert.Contains("MambaTokenizers.RegisterKind(\"vowels\"", missing, StringComparison.Ordinal);
        MambaTokenizers.RegisterKind("vowels", _ => new Vowels());
        Assert.IsType<Vowels>(RoundTripTests.SaveAndLoad(model, data.Schema, folder.PathOf("m.zip")).Tokenizer);
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error.Message;
    }

    /// <summary>a = 1 + shift ...; everything else 31.</summary>
    private sealed class Letters(int shift) : Tokenizer
    {
        protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
        {
            ReadOnlySpan<char> span = text is null ? textSpan : text;
            var tokens = new List<EncodedToken>();
            for (int i = 0; i < span.Length; i++)
                tokens.Add(new EncodedToken(IdOf(span[i]), span[i].ToString(), new Range(i, i + 1)));
            return new EncodeResults<EncodedToken> { Tokens = tokens, CharsConsumed = span.Length };
        }

        public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
        {
            (idsConsumed, charsWritten) = (0, 0);
            foreach (int id in ids)
            {
                if (charsWritten == destination.Length)
                    return OperationStatus.DestinationTooSmall;
                destination[charsWritten++] = id == 31 ? '?' : (char)('a' + id - 1 - shift);
                idsConsumed++;
            }

            return OperationStatus.Done;
        }

        private int IdOf(char letter) => letter is >= 'a' and <= 'z' ? letter - 'a' + 1 + shift : 31;
    }

    private sealed class Vowels : SequenceTokenizer
    {
        public override string Kind => "vowels";

        public override int VocabularySize => 6;

        public override int? UnknownTokenId => 0;

        public override void Encode(ReadOnlySpan<char> text, IBufferWriter<int> ids)
        {
            foreach (char letter in text)
                Append(ids, "aeiou".IndexOf(letter, StringComparison.Ordinal) + 1);
        }

        public override string GetToken(int id) => "?aeiou"[id].ToString();

        protected override void WriteJson(Utf8JsonWriter writer)
        {
        }
    }
}

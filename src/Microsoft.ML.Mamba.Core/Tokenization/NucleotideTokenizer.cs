using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Nucleotides, or k-mers of them, as tokens. Immutable and thread-safe.</summary>
/// <remarks>
/// Single letters: A = 0, C = 1, G = 2, T and U = 3, N = 4; with <see cref="NucleotideOptions.DistinguishAmbiguityCodes"/> R Y S W K M B D
/// H V = 5 to 14, otherwise these are N. K-mers: the letters are the digits of a number of base 4, the first one the highest; a k-mer with
/// any ambiguous letter is 4^k. A text shorter than k gives no tokens.
/// </remarks>
public sealed class NucleotideTokenizer : SequenceTokenizer
{
    internal const string KindName = "nucleotide";
    private const string Letters = "ACGTNRYSWKMBDHV";
    private const string Complements = "TGCANYRSWMKVHDB";
    private const byte AnyNucleotide = 4;
    private const byte Skipped = 254;
    private const byte Rejected = 255;

    private readonly NucleotideOptions _options;
    private readonly byte[] _codes = new byte[128];
    private readonly byte _otherCode;
    private readonly byte _whiteSpaceCode;

    /// <summary>Makes a tokenizer.</summary>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public NucleotideTokenizer(NucleotideOptions? options = null)
    {
        _options = options ?? new NucleotideOptions();
        _options.Validate();
        _otherCode = CodeOf(_options.OtherLetters);
        _whiteSpaceCode = CodeOf(_options.WhiteSpace);
        for (int c = 0; c < _codes.Length; c++)
            _codes[c] = char.IsWhiteSpace((char)c) ? _whiteSpaceCode : _otherCode;
        _codes['-'] = _codes['.'] = CodeOf(_options.Gaps);
        for (int i = 0; i < Letters.Length; i++)
            SetLetter(Letters[i], i <= AnyNucleotide || _options.DistinguishAmbiguityCodes ? (byte)i : AnyNucleotide);
        SetLetter('U', 3);
        VocabularySize = _options.KmerLength > 1 ? (1 << (2 * _options.KmerLength)) + 1
            : _options.DistinguishAmbiguityCodes ? Letters.Length
            : AnyNucleotide + 1;
    }

    /// <summary>How this tokenizer reads.</summary>
    public NucleotideOptions Options => _options;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override int VocabularySize { get; }

    /// <inheritdoc/>
    public override int? UnknownTokenId => _options.KmerLength > 1 ? VocabularySize - 1 : AnyNucleotide;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, IBufferWriter<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Read(text, ids, null);
    }

    /// <inheritdoc/>
    public override void EncodeSpans(ReadOnlySpan<char> text, IBufferWriter<TokenSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        Read(text, null, spans);
    }

    /// <inheritdoc/>
    public override string GetToken(int id)
    {
        CheckId(id);
        int k = _options.KmerLength;
        if (k == 1)
            return Letters.Substring(id, 1);
        if (id == UnknownTokenId)
            return new string('N', k);
        return string.Create(k, id, static (letters, kmer) =>
        {
            for (int i = letters.Length - 1; i >= 0; i--, kmer >>= 2)
                letters[i] = Letters[kmer & 3];
        });
    }

    /// <summary>The token of the other strand: a letter's complement, or a k-mer's read backwards. N stays N.</summary>
    /// <param name="id">0 to <see cref="VocabularySize"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    public int ComplementOf(int id)
    {
        CheckId(id);
        int k = _options.KmerLength;
        if (k == 1)
            return Letters.IndexOf(Complements[id], StringComparison.Ordinal);
        if (id == UnknownTokenId)
            return id;
        // A, C, G and T are 0 to 3, so that a letter's complement is 3 minus it.
        int complement = 0;
        for (int i = 0; i < k; i++, id >>= 2)
            complement = (complement << 2) | (3 - (id & 3));
        return complement;
    }

    /// <summary>The letters that the ids stand for: overlapping k-mers are laid over one another, letters between k-mers that do not touch are N.</summary>
    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        int k = _options.KmerLength, stride = _options.KmerStride;
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            string token = GetToken(id);
            if (text.Length == 0)
                text.Append(token);
            else if (stride >= k)
                text.Append('N', stride - k).Append(token);
            else
                text.Append(token, k - stride, stride);
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    protected override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteNumber("kmer_length", _options.KmerLength);
        writer.WriteNumber("kmer_stride", _options.KmerStride);
        writer.WriteBoolean("distinguish_ambiguity_codes", _options.DistinguishAmbiguityCodes);
        writer.WriteString("lower_case", _options.LowerCase.ToString());
        writer.WriteString("gaps", _options.Gaps.ToString());
        writer.WriteString("white_space", _options.WhiteSpace.ToString());
        writer.WriteString("other_letters", _options.OtherLetters.ToString());
    }

    internal static NucleotideTokenizer ReadJson(TokenizerJson json) => new(new NucleotideOptions
    {
        KmerLength = json.GetInt32("kmer_length", 1, 10),
        KmerStride = json.GetInt32("kmer_stride", 1, 1024),
        DistinguishAmbiguityCodes = json.GetBoolean("distinguish_ambiguity_codes"),
        LowerCase = json.GetEnum<NucleotideCase>("lower_case"),
        Gaps = json.GetEnum<LetterPolicy>("gaps"),
        WhiteSpace = json.GetEnum<LetterPolicy>("white_space"),
        OtherLetters = json.GetEnum<LetterPolicy>("other_letters"),
    });

    private void Read(ReadOnlySpan<char> text, IBufferWriter<int>? ids, IBufferWriter<TokenSpan>? spans)
    {
        int k = _options.KmerLength, stride = _options.KmerStride;
        int mask = (1 << (2 * k)) - 1;
        int letters = 0, plainRun = 0, kmer = 0, untilStart = k - 1;
        // Where the last k letters stand: letter n in place n mod k.
        Span<int> places = stackalloc int[NucleotideOptions.LongestKmer];
        for (int i = 0; i < text.Length; i++)
        {
            int code = CodeAt(text, i);
            if (code == Skipped)
                continue;
            places[letters++ % k] = i;
            // A rolling k-mer: plainRun says how many of its letters are known to be A, C, G or T.
            kmer = ((kmer << 2) | (code & 3)) & mask;
            plainRun = code < AnyNucleotide ? plainRun + 1 : 0;
            if (untilStart > 0)
            {
                untilStart--;
                continue;
            }

            untilStart = stride - 1;
            if (ids is not null)
                Append(ids, k == 1 ? code : plainRun >= k ? kmer : VocabularySize - 1);
            if (spans is not null)
                Append(spans, places[letters % k], i - places[letters % k] + 1);
        }
    }

    private static byte CodeOf(LetterPolicy policy) => policy switch
    {
        LetterPolicy.Unknown => AnyNucleotide,
        LetterPolicy.Skip => Skipped,
        _ => Rejected,
    };

    private void SetLetter(char letter, byte code)
    {
        _codes[letter] = code;
        if (_options.LowerCase != NucleotideCase.Sensitive)
            _codes[char.ToLowerInvariant(letter)] = _options.LowerCase == NucleotideCase.Mask ? AnyNucleotide : code;
    }

    private int CodeAt(ReadOnlySpan<char> text, int i)
    {
        char c = text[i];
        byte code = c < 128 ? _codes[c] : char.IsWhiteSpace(c) ? _whiteSpaceCode : _otherCode;
        return code != Rejected
            ? code
            : throw new ArgumentException($"Position {i} holds {Describe(c)}, which is no nucleotide; expected A, C, G, T, U, N or an IUPAC code.", nameof(text));
    }

    private static string Describe(char c) => char.IsControl(c) || char.IsSurrogate(c) || char.IsWhiteSpace(c) ? $"U+{(int)c:X4}" : $"'{c}'";
}

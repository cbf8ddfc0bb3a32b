using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mamba.Tokenization;

/// <summary>Splits a text into the tokens that <see cref="WordTokenizer"/> describes.</summary>
internal ref struct WordSplitter
{
    private const char ZeroWidthNonJoiner = '\u200C';
    private const char ZeroWidthJoiner = '\u200D';

    private static readonly CharacterClass[] s_asciiClasses = [.. Enumerable.Range(0, 128).Select(ClassOfAscii)];

    private readonly ReadOnlySpan<char> _text;
    private readonly bool _lowerCase;
    private char[] _buffer = [];
    private int _position;

    public WordSplitter(ReadOnlySpan<char> text, bool lowerCase)
    {
        _text = text;
        _lowerCase = lowerCase;
    }

    private enum CharacterClass
    {
        Separator,
        Word,
        Mark,
        Ideograph,
        Symbol,
    }

    /// <summary>The token found last; valid until the next call of <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>Where that token starts in the text.</summary>
    public int Start { get; private set; }

    /// <summary>Its characters in the text.</summary>
    public int Length { get; private set; }

    public bool MoveNext()
    {
        while (_position < _text.Length)
        {
            int start = _position;
            CharacterClass kind = Take();
            if (kind == CharacterClass.Separator)
                continue;
            if (kind == CharacterClass.Word)
                TakeWord();
            else
                TakeMarks();
            (Start, Length) = (start, _position - start);
            SetCurrent(_text[start.._position]);
            return true;
        }

        Current = default;
        return false;
    }

    private void TakeWord()
    {
        while (_position < _text.Length)
        {
            int before = _position;
            char c = _text[_position];
            if (IsApostrophe(c) || c is ZeroWidthJoiner or ZeroWidthNonJoiner)
            {
                // These belong to a word between two of its letters only.
                _position++;
                if (_position == _text.Length || Take() != CharacterClass.Word)
                {
                    _position = before;
                    return;
                }
            }
            else if (Take() is not (CharacterClass.Word or CharacterClass.Mark))
            {
                _position = before;
                return;
            }
        }
    }

    private void TakeMarks()
    {
        while (_position < _text.Length)
        {
            int before = _position;
            if (Take() == CharacterClass.Mark)
                continue;
            _position = before;
            return;
        }
    }

    private CharacterClass Take()
    {
        char first = _text[_position];
        if (first < s_asciiClasses.Length)
        {
            _position++;
            return s_asciiClasses[first];
        }

        Rune.DecodeFromUtf16(_text[_position..], out Rune rune, out int length);
        _position += length;
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark:
                return CharacterClass.Mark;
            case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber:
                return IsWrittenWithoutSpaces(rune.Value) ? CharacterClass.Ideograph : CharacterClass.Word;
            case UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherNumber or UnicodeCategory.ConnectorPunctuation:
                return CharacterClass.Word;
            case UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Control or UnicodeCategory.Format:
                return CharacterClass.Separator;
            default:
                return CharacterClass.Symbol;
        }
    }

    private void SetCurrent(ReadOnlySpan<char> token)
    {
        if (char.IsSurrogate(token[0]) && !(token.Length > 1 && char.IsSurrogatePair(token[0], token[1])))
        {
            Current = "\uFFFD";
            return;
        }

        if (!_lowerCase && !token.ContainsAny('\u2019', '\u02BC'))
        {
            Current = token;
            return;
        }

        if (_buffer.Length < token.Length)
            _buffer = new char[Math.Max(64, token.Length)];
        Span<char> copy = _buffer.AsSpan(0, token.Length);
        if (_lowerCase)
            token.ToLowerInvariant(copy);
        else
            token.CopyTo(copy);
        if (copy.Length > 1)
        {
            copy.Replace('\u2019', '\'');
            copy.Replace('\u02BC', '\'');
        }

        Current = copy;
    }

    private static CharacterClass ClassOfAscii(int c) => char.IsAsciiLetterOrDigit((char)c) || c == '_' ? CharacterClass.Word
        : c <= ' ' || c == 0x7F ? CharacterClass.Separator
        : CharacterClass.Symbol;

    private static bool IsApostrophe(char c) => c is '\'' or '\u2019' or '\u02BC';

    private static bool IsWrittenWithoutSpaces(int c) => c is
        (>= 0x0E00 and <= 0x0EFF) // Thai, Lao
        or (>= 0x1000 and <= 0x109F) // Myanmar
        or (>= 0x1780 and <= 0x17FF) // Khmer
        or (>= 0x3005 and <= 0x3007) or (>= 0x3021 and <= 0x3029) // ideographic marks and numerals
        or (>= 0x3040 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) // Hiragana, Katakana
        or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) // Han
        or (>= 0xFF66 and <= 0xFF9F) // half-width Katakana
        or (>= 0x1B000 and <= 0x1B16F) // more Kana
        or (>= 0x20000 and <= 0x3FFFF); // more Han
}

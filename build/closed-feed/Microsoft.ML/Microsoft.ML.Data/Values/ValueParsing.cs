using System.Globalization;

namespace Microsoft.ML.Data;

/// <summary>Reads values from text by the rules of the real text loader.</summary>
internal static class ValueParsing
{
    public delegate bool Parser<T>(ReadOnlyMemory<char> text, out T value);

    /// <param name="type">A scalar or key type.</param>
    /// <param name="decimalMarker">'.' or ','.</param>
    /// <param name="emptyIsNaN">Whether an empty real is NaN and not 0.</param>
    public static Delegate For(PrimitiveDataViewType type, char decimalMarker = '.', bool emptyIsNaN = false)
    {
        if (type is KeyDataViewType key)
            return Key(key);
        Type raw = type.RawType;
        if (raw == typeof(float))
            return (Parser<float>)((ReadOnlyMemory<char> text, out float value) =>
            {
                bool parsed = RealParsing.TryParse(text.Span, decimalMarker, emptyIsNaN, out double real, single: true);
                value = (float)real;
                return parsed;
            });
        if (raw == typeof(double))
            return (Parser<double>)((ReadOnlyMemory<char> text, out double value) 
                => RealParsing.TryParse(text.Span, decimalMarker, emptyIsNaN, out value, single: false));
        if (raw == typeof(ReadOnlyMemory<char>))
            return (Parser<ReadOnlyMemory<char>>)((ReadOnlyMemory<char> text, out ReadOnlyMemory<char> value) =>
            {
                value = text;
                return true;
            });
        return NotReal(raw) ?? throw NotCovered.Error($"Parsing text as '{type}'");
    }

    private static Delegate NotReal(Type raw)
    {
        if (raw == typeof(bool))
            return (Parser<bool>)TryParseBoolean;
        if (raw == typeof(sbyte))
            return Signed(sbyte.MaxValue, number => (sbyte)number);
        if (raw == typeof(short))
            return Signed(short.MaxValue, number => (short)number);
        if (raw == typeof(int))
            return Signed(int.MaxValue, number => (int)number);
        if (raw == typeof(long))
            return Signed(long.MaxValue, number => number);
        if (raw == typeof(byte))
            return Unsigned(byte.MaxValue, number => (byte)number);
        if (raw == typeof(ushort))
            return Unsigned(ushort.MaxValue, number => (ushort)number);
        if (raw == typeof(uint))
            return Unsigned(uint.MaxValue, number => (uint)number);
        if (raw == typeof(ulong))
            return Unsigned(ulong.MaxValue, number => number);
        if (raw == typeof(TimeSpan))
            return Timely<TimeSpan>((text, out value) => TimeSpan.TryParse(text.Span, CultureInfo.InvariantCulture, out value));
        if (raw == typeof(DateTime))
            return Timely<DateTime>((text, out value) => DateTime.TryParse(
                text.Span, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value));
        if (raw == typeof(DateTimeOffset))
            return Timely<DateTimeOffset>((text, out value) => DateTimeOffset.TryParse(
                text.Span, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value));
        return null;
    }

    private static Parser<T> Timely<T>(Parser<T> parse) => (ReadOnlyMemory<char> text, out T value) =>
    {
        value = default;
        return text.IsEmpty || parse(text, out value);
    };

    private static Parser<T> Unsigned<T>(ulong largest, Func<ulong, T> narrow) => (ReadOnlyMemory<char> text, out T value) =>
    {
        value = default;
        if (text.IsEmpty || !TryParseDigits(text.Span, out ulong number) || number > largest)
            return false;
        value = narrow(number);
        return true;
    };

    // Empty text is zero for signed integers and an error for unsigned ones.
    private static Parser<T> Signed<T>(long largest, Func<long, T> narrow) => (ReadOnlyMemory<char> text, out T value) =>
    {
        value = default;
        if (text.IsEmpty)
            return true;
        ReadOnlySpan<char> digits = text.Span;
        bool negative = digits[0] == '-';
        if (negative)
            digits = digits[1..];
        if (digits.IsEmpty || !TryParseDigits(digits, out ulong number) || number > (ulong)largest + (negative ? 1u : 0u))
            return false;
        value = narrow(unchecked(negative ? -(long)number : (long)number));
        return true;
    };

    /// <summary>Text holds key numbers from zero; a value counts from one, and zero is missing.</summary>
    private static Delegate Key(KeyDataViewType type)
    {
        ulong last = type.Count - 1;
        if (type.RawType == typeof(byte))
            return KeyParser(last, number => (byte)number);
        if (type.RawType == typeof(ushort))
            return KeyParser(last, number => (ushort)number);
        if (type.RawType == typeof(uint))
            return KeyParser(last, number => (uint)number);
        return KeyParser(last, number => number);
    }

    private static Parser<T> KeyParser<T>(ulong last, Func<ulong, T> narrow) => (ReadOnlyMemory<char> text, out T value) =>
    {
        value = default;
        if (text.IsEmpty || RealParsing.IsMissingWord(text.Span))
            return true;
        if (!TryParseDigits(text.Span, out ulong number) || number > last)
            return false;
        value = narrow(number + 1);
        return true;
    };

    private static bool TryParseDigits(ReadOnlySpan<char> text, out ulong number)
        => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryParseBoolean(ReadOnlyMemory<char> memory, out bool value)
    {
        ReadOnlySpan<char> text = memory.Span;
        value = text.Length switch
        {
            1 => "TtYy1+".Contains(text[0]),
            2 => text is "+1",
            3 => text.Equals("yes", StringComparison.OrdinalIgnoreCase),
            4 => text.Equals("true", StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
        if (value || text.IsEmpty)
            return true;
        return text.Length switch
        {
            1 => "FfNn0-".Contains(text[0]),
            2 => text.Equals("no", StringComparison.OrdinalIgnoreCase) || text is "-1",
            5 => text.Equals("false", StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
    }
}

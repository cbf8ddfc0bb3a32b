using System.Globalization;

namespace Microsoft.ML.Data;

/// <summary>Reads reals: digits with an optional marker and exponent, infinities, and the words for a missing value.</summary>
internal static class RealParsing
{
    private const int LargestPower = 308;

    // Single precision is the product of a mantissa and a power of ten in double precision, then rounded once more.
    private static readonly double[] _powers = Enumerable.Range(-LargestPower, 2 * LargestPower + 1)
        .Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture)).ToArray();

    public static bool TryParse(ReadOnlySpan<char> text, char decimalMarker, bool emptyIsNaN, out double value, bool single)
    {
        ReadOnlySpan<char> trimmed = text.Trim();
        if (trimmed.IsEmpty)
        {
            value = emptyIsNaN ? double.NaN : 0;
            return true;
        }
        if (TryScan(trimmed, decimalMarker, out bool negative, out ulong mantissa, out long exponent))
        {
            value = single ? AsSingle(mantissa, exponent) : AsDouble(trimmed, decimalMarker);
            if (single && negative)
                value = -value;
            return true;
        }
        if (TryParseInfinity(trimmed, out value))
            return true;
        value = double.NaN;
        return trimmed is "NaN" || IsMissingWord(text) || trimmed is "?";
    }

    /// <summary>Whether the text is "?", "NA", "N/A" or "NaN" in any case.</summary>
    public static bool IsMissingWord(ReadOnlySpan<char> text)
        => text is "?" || text.Equals("NA", StringComparison.OrdinalIgnoreCase)
            || text.Equals("N/A", StringComparison.OrdinalIgnoreCase) || text.Equals("NaN", StringComparison.OrdinalIgnoreCase);

    private static bool TryParseInfinity(ReadOnlySpan<char> text, out double value)
    {
        bool negative = text[0] == '-';
        ReadOnlySpan<char> rest = negative ? text[1..] : text;
        value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        return rest is "Infinity" || rest is "\u221E";
    }

    private static double AsDouble(ReadOnlySpan<char> text, char decimalMarker)
    {
        if (decimalMarker == '.')
            return double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.Parse(text.ToString().Replace(decimalMarker, '.'), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static double AsSingle(ulong mantissa, long exponent)
    {
        if (mantissa == 0 || exponent < -LargestPower)
            return 0;
        if (exponent > LargestPower)
            return double.PositiveInfinity;
        return (float)(_powers[exponent + LargestPower] * mantissa);
    }

    private static bool TryScan(ReadOnlySpan<char> text, char decimalMarker, out bool negative, out ulong mantissa, out long exponent)
    {
        const ulong Room = (ulong.MaxValue - 9) / 10;
        mantissa = 0;
        exponent = 0;
        negative = text[0] == '-';
        int at = text[0] is '-' or '+' ? 1 : 0;
        bool anyDigit = false;
        bool afterMarker = false;
        for (; at < text.Length; at++)
        {
            char letter = text[at];
            if (letter == decimalMarker && !afterMarker)
            {
                afterMarker = true;
                continue;
            }
            if (!char.IsAsciiDigit(letter))
                break;
            anyDigit = true;
            bool fits = mantissa < Room;
            if (fits)
                mantissa = mantissa * 10 + (uint)(letter - '0');
            if (fits && afterMarker)
                exponent--;
            else if (!fits && !afterMarker)
                exponent++;
        }
        if (!anyDigit)
            return false;
        if (at == text.Length)
            return true;
        if (text[at] is not ('e' or 'E'))
            return false;
        ReadOnlySpan<char> power = text[(at + 1)..];
        bool wellFormed = !power.IsEmpty && (char.IsAsciiDigit(power[0]) || (power.Length > 1 && power[0] is '-' or '+'));
        if (!wellFormed || power[1..].IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        if (!int.TryParse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int parsed))
            parsed = power[0] == '-' ? -100_000 : 100_000;
        exponent += parsed;
        return true;
    }
}

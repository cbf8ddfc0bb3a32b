using System.Globalization;

namespace Microsoft.ML.Data;

/// <summary>Values as text, in the form that the text loader reads back.</summary>
internal static class ValueText
{
    public static Func<T, string> WriterFor<T>(DataViewType itemType)
    {
        if (itemType is KeyDataViewType)
        {
            Func<T, ulong> read = KeyIndex.Reader<T>();
            ulong count = itemType.GetKeyCount();
            return value =>
            {
                ulong key = read(value);
                return key == 0 || key > count ? "" : (key - 1).ToString(CultureInfo.InvariantCulture);
            };
        }
        return value => Write(value);
    }

    private static string Write<T>(T value) => value switch
    {
        float single => float.IsNaN(single) ? "?" : single.ToString("R", CultureInfo.InvariantCulture),
        double real => double.IsNaN(real) ? "?" : real.ToString("G17", CultureInfo.InvariantCulture),
        bool flag => flag ? "1" : "0",
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("o", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("o", CultureInfo.InvariantCulture),
        DataViewRowId id => $"0x{id.High:x16}{id.Low:x16}",
        ReadOnlyMemory<char> text => text.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}

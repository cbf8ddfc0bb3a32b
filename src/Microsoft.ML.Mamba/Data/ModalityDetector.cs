using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Decides whether the texts of the training rows are nucleotide sequences.</summary>
internal static class ModalityDetector
{
    private const int SampleRows = 1000;
    private const int MinLength = 12;
    private const double MinNucleotides = 0.98;
    private const double MinBases = 0.9;

    /// <summary>
    /// True where nearly all letters of the first rows are IUPAC codes, most of them A, C, G, T or U, and the texts are single words longer than words are.
    /// </summary>
    public static bool LooksLikeDna(IDataView data, DataViewSchema.Column column)
    {
        long letters = 0, codes = 0, bases = 0;
        int rows = 0, odd = 0;
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> text = default;
        while (rows < SampleRows && cursor.MoveNext())
        {
            getter(ref text);
            ReadOnlySpan<char> trimmed = text.Span.Trim();
            if (trimmed.IsEmpty)
                continue;
            rows++;
            if (trimmed.Length <= MinLength || trimmed.ContainsAny(' ', '\t'))
                odd++;
            foreach (char letter in trimmed)
            {
                letters++;
                codes += "ACGTUNRYSWKMBDHVacgtunryswkmbdhv-.".Contains(letter) ? 1 : 0;
                bases += "ACGTUacgtu".Contains(letter) ? 1 : 0;
            }
        }

        return rows > 0 && odd <= 0.02 * rows && codes >= MinNucleotides * letters && bases >= MinBases * letters;
    }
}

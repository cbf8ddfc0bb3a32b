namespace Samples;

/// <summary>
/// Makes bacterial promoters and random sequence of the same composition. A promoter that sigma-70 binds has a -35 box (TTGACA) and a -10
/// box (TATAAT), 15 to 19 bases apart, the -10 box 5 to 9 bases before the start of transcription; few real promoters have all twelve letters.
/// The windows are aligned on that start, as mapped promoters are.
/// </summary>
internal sealed class PromoterGenerator(int seed)
{
    private const int Length = 60, Start = 50;

    // The share of promoters that have the consensus letter, for strong promoters of E. coli.
    private static readonly (char Letter, double Share)[] s_minus35 = [('T', 0.88), ('T', 0.92), ('G', 0.80), ('A', 0.70), ('C', 0.64), ('A', 0.66)];
    private static readonly (char Letter, double Share)[] s_minus10 = [('T', 0.92), ('A', 0.98), ('T', 0.64), ('A', 0.72), ('A', 0.62), ('T', 0.98)];
    private static readonly (int Bases, double Share)[] s_spacer = [(15, 0.05), (16, 0.20), (17, 0.50), (18, 0.20), (19, 0.05)];
    private static readonly (int Bases, double Share)[] s_toStart = [(5, 0.10), (6, 0.25), (7, 0.35), (8, 0.20), (9, 0.10)];

    private readonly Random _random = new(seed);

    /// <summary>Rows in turn promoter and background.</summary>
    public IReadOnlyList<GenomicsModel.ModelInput> Rows(int count) =>
        [.. Enumerable.Range(0, count).Select(i => i % 2 == 0
            ? new GenomicsModel.ModelInput { Label = "promoter", Sequence = Promoter() }
            : new GenomicsModel.ModelInput { Label = "background", Sequence = Background(Promoter()) })];

    private string Promoter()
    {
        char[] bases = new char[Length];
        for (int i = 0; i < Length; i++)
            bases[i] = Base();
        int minus10 = Start - Draw(s_toStart) - s_minus10.Length;
        int minus35 = minus10 - Draw(s_spacer) - s_minus35.Length;
        PutBox(bases.AsSpan(minus10), s_minus10);
        PutBox(bases.AsSpan(minus35), s_minus35);
        return new string(bases);
    }

    // A promoter's own letters in another order: the composition tells nothing.
    private string Background(string promoter)
    {
        char[] bases = promoter.ToCharArray();
        _random.Shuffle(bases);
        return new string(bases);
    }

    private char Base() => "AACCGGTTAT"[_random.Next(10)];

    private void PutBox(Span<char> at, (char Letter, double Share)[] box)
    {
        for (int i = 0; i < box.Length; i++)
        {
            char letter = box[i].Letter;
            if (_random.NextDouble() >= box[i].Share)
            {
                do
                    letter = "ACGT"[_random.Next(4)];
                while (letter == box[i].Letter);
            }

            at[i] = letter;
        }
    }

    private int Draw((int Bases, double Share)[] choices)
    {
        double left = _random.NextDouble();
        foreach ((int bases, double share) in choices)
        {
            if ((left -= share) < 0)
                return bases;
        }

        return choices[^1].Bases;
    }
}

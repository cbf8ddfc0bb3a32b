namespace Samples;

/// <summary>A short word that a class is told by, found by how much each base moves the class's logit.</summary>
/// <param name="Rows">How many sequences have it.</param>
/// <param name="Start">Where it starts in the middle one of these, counted from 1.</param>
/// <param name="Shares">For each of its places, how often A, C, G and T stand there.</param>
internal sealed record Motif(int Rows, double Start, double[][] Shares)
{
    private const int Width = 6, FewestMatches = 4, LogoLines = 4;
    private const string Letters = "ACGT";

    /// <summary>A DNA sequence, and how much each base adds to a class's logit.</summary>
    public sealed class Explained
    {
        public string Sequence
        {
            get;
            set => field = value.ToUpperInvariant();
        } = "";

        public float[] Saliency { get; set; } = [];
    }

    /// <summary>The strongest motif. What it explains is erased from the rows, so that the next call finds another.</summary>
    public static Motif? Strongest(IReadOnlyList<Explained> rows)
    {
        var words = new Dictionary<string, (double Sum, int Count)>();
        foreach (Explained row in rows)
        {
            for (int at = 0; at + Width <= row.Sequence.Length; at++)
            {
                string word = row.Sequence.Substring(at, Width);
                if (word.AsSpan().ContainsAnyExcept(Letters))
                    continue;
                (double sum, int count) = words.GetValueOrDefault(word);
                words[word] = (sum + Sum(row, at), count + 1);
            }
        }

        // A word that is common and moves much. Up or down: where the model is sure of a class, a base more or less of its motif hardly changes that.
        string seed = words.Count > 0 ? words.MaxBy(word => word.Value.Sum * word.Value.Count).Key : "";
        (Explained Row, int At)[] places = [.. rows.Select(row => (row, BestPlace(row, seed))).Where(place => place.Item2 >= 0)];
        if (places.Length == 0)
            return null;
        double[][] shares = [.. Enumerable.Range(0, Width).Select(i =>
            Letters.Select(letter => places.Count(place => place.Row.Sequence[place.At + i] == letter) / (double)places.Length).ToArray())];
        double start = 1 + places.Select(place => place.At).Order().ElementAt(places.Length / 2);
        foreach ((Explained row, int at) in places)
            Array.Clear(row.Saliency, at, Width);
        return new Motif(places.Length, start, shares);
    }

    /// <summary>A text logo: the commonest letter of each place, the higher the surer (four lines are 2 bits).</summary>
    public IEnumerable<string> Logo()
    {
        for (int line = LogoLines; line >= 1; line--)
        {
            yield return new string([.. Shares.Select(shares =>
                line == 1 || Bits(shares) * LogoLines / 2 >= line - 0.5 ? Letters[Array.IndexOf(shares, shares.Max())] : ' ')]);
        }
    }

    // Of the windows that match the seed in most letters, the one that moves most; each further match counts four times. -1 where there is none.
    private static int BestPlace(Explained row, string seed)
    {
        int best = -1;
        double most = 0;
        for (int at = 0; at + seed.Length <= row.Sequence.Length; at++)
        {
            int matches = Enumerable.Range(0, seed.Length).Count(i => row.Sequence[at + i] == seed[i]);
            double weight = matches < FewestMatches ? 0 : Sum(row, at) * Math.Pow(4, matches);
            if (weight > most)
                (best, most) = (at, weight);
        }

        return best;
    }

    private static double Sum(Explained row, int at) => row.Saliency.AsSpan(at, Width).ToArray().Sum(MathF.Abs);

    private static double Bits(double[] shares) => 2 + shares.Sum(share => share > 0 ? share * Math.Log2(share) : 0);
}

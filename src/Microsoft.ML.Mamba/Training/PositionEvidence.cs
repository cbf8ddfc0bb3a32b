namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// Whether the place of a token tells something of its row's class: how much better a row's tokens give its class away when their places
/// are known, each row judged by all others.
/// </summary>
/// <remarks>
/// A row's gain is the sum over its positions p of log P(token | p, class) / P(token | p), minus the sum of log P(token | class) /
/// P(token). Probabilities are counted in the other rows; those of a position are drawn towards those of all positions, as if a few more
/// rows for each token id had been seen (<see cref="PriorRows"/>), so that rows whose places tell nothing gain nothing or lose.
/// </remarks>
internal static class PositionEvidence
{
    private const double PriorRows = 2;
    private const int MostTokenIds = 1_024;
    private const int MostCounters = 1 << 24;
    private const int MostRows = 4_096;

    /// <summary>Whether so many different tokens can be counted at every position.</summary>
    public static bool CanJudge(int tokenIds, int classes, int length) => tokenIds <= MostTokenIds && (long)tokenIds * classes * length <= MostCounters;

    /// <summary>The mean gain in nats a row, and its standard error.</summary>
    /// <param name="rows">Rows of tokens, all of one length.</param>
    /// <param name="tokenIds">Number of token ids.</param>
    /// <param name="classes">Number of classes.</param>
    public static (double Gain, double Error) Measure(SequenceDataset rows, int tokenIds, int classes)
    {
        int length = rows.LengthOf(0), stride = (rows.Count + MostRows - 1) / MostRows, judged = 0;
        var counts = new Counts(tokenIds, classes, length);
        for (int i = 0; i < rows.Count; i += stride)
            counts.Add(rows.TokensOf(i), rows.Labels[i]);
        double sum = 0, squares = 0;
        for (int i = 0; i < rows.Count; i += stride, judged++)
        {
            double gain = counts.GainOf(rows.TokensOf(i), rows.Labels[i]);
            sum += gain;
            squares += gain * gain;
        }

        double mean = sum / judged;
        return (mean, Math.Sqrt(Math.Max(0, squares / judged - mean * mean) / judged));
    }

    private sealed class Counts(int tokenIds, int classes, int length)
    {
        private readonly double _prior = PriorRows * tokenIds;
        private readonly int[] _atPosition = new int[length * tokenIds * classes];
        private readonly int[] _rows = new int[classes];
        private readonly long[] _anywhere = new long[tokenIds * classes];

        public void Add(ReadOnlySpan<int> tokens, int label)
        {
            _rows[label]++;
            for (int p = 0; p < tokens.Length; p++)
            {
                _atPosition[(p * tokenIds + tokens[p]) * classes + label]++;
                _anywhere[tokens[p] * classes + label]++;
            }
        }

        public double GainOf(ReadOnlySpan<int> tokens, int label)
        {
            // Without the row itself, whose tokens are counted once at their positions.
            double others = _rows.Sum() - 1, ofClass = _rows[label] - 1, gain = 0;
            if (ofClass == 0)
                return 0;
            for (int p = 0; p < tokens.Length; p++)
            {
                ReadOnlySpan<int> here = _atPosition.AsSpan((p * tokenIds + tokens[p]) * classes, classes);
                ReadOnlySpan<long> anywhere = _anywhere.AsSpan(tokens[p] * classes, classes);
                double inClass = (anywhere[label] - 1 + 0.5) / (ofClass * length + 0.5 * tokenIds);
                double inAll = (Sum(anywhere) - 1 + 0.5) / (others * length + 0.5 * tokenIds);
                double hereInClass = (here[label] - 1 + _prior * inClass) / (ofClass + _prior);
                double hereInAll = (Sum(here) - 1 + _prior * inAll) / (others + _prior);
                gain += Math.Log(hereInClass / hereInAll) - Math.Log(inClass / inAll);
            }

            return gain;
        }

        private static double Sum<T>(ReadOnlySpan<T> values) where T : System.Numerics.INumber<T>
        {
            T sum = T.Zero;
            foreach (T value in values)
                sum += value;
            return double.CreateChecked(sum);
        }
    }
}

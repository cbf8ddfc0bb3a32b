namespace Microsoft.ML.Data;

/// <summary>Counts over the rows seen so far, and the metrics that follow from them.</summary>
internal sealed class MulticlassTally(int classes)
{
    private const float SmallestProbability = 1e-15f;

    private readonly double[] _rowsOfClass = new double[classes];
    private readonly double[] _lossOfClass = new double[classes];

    // How many rows had their label's score in each place; the last is for labels beyond the classes that all scores beat.
    private readonly double[] _rowsOfRank = new double[classes + 1];
    private double _rows;
    private double _correct;
    private double _loss;

    /// <summary>Rows by true class and predicted class.</summary>
    public double[][] Confusion { get; } = Enumerable.Range(0, classes).Select(_ => new double[classes]).ToArray();

    public double MicroAccuracy => _rows > 0 ? _correct / _rows : 0;

    public double MacroAccuracy
    {
        get
        {
            int[] present = Enumerable.Range(0, classes).Where(c => _rowsOfClass[c] > 0).ToArray();
            return present.Length == 0 ? 0 : present.Sum(c => Confusion[c][c] / _rowsOfClass[c]) / present.Length;
        }
    }

    public double LogLoss => _rows > 0 ? _loss / _rows : 0;

    public double LogLossReduction
    {
        get
        {
            double entropy = 0;
            foreach (double rows in _rowsOfClass)
            {
                if (rows != 0)
                    entropy += rows * Math.Log(rows / _rows);
            }
            entropy /= -_rows;
            return (entropy - LogLoss) / entropy;
        }
    }

    /// <param name="label">The class number, perhaps beyond the classes.</param>
    /// <param name="scores">One score a class, all finite.</param>
    public void Add(int label, ReadOnlySpan<float> scores)
    {
        bool known = label < classes;
        float score = known ? scores[label] : 0;
        float probability = known ? Math.Min(1, Math.Max(SmallestProbability, score)) : SmallestProbability;
        double loss = -Math.Log(probability);
        int rank = 0;
        int best = 0;
        for (int c = 0; c < classes; c++)
        {
            if (scores[c] > score || (scores[c] == score && c < label))
                rank++;
            if (scores[c] > scores[best])
                best = c;
        }
        _rows++;
        _loss += loss;
        _rowsOfRank[rank]++;
        if (!known)
            return;
        _rowsOfClass[label]++;
        _lossOfClass[label] += loss;
        if (rank == 0)
            _correct++;
        Confusion[label][rank == 0 ? label : best]++;
    }

    public double[] PerClassLogLoss() => _lossOfClass.Select((loss, c) => _rowsOfClass[c] > 0 ? loss / _rowsOfClass[c] : 0).ToArray();

    /// <summary>Accuracies for the best 1 to <paramref name="k"/> scores; more places than a label can take are out of range.</summary>
    public double[] TopKAccuracies(int k)
    {
        var accuracies = new double[k];
        double sum = 0;
        for (int place = 0; place < k; place++)
            accuracies[place] = sum += _rowsOfRank[place] / _rows;
        return accuracies;
    }
}

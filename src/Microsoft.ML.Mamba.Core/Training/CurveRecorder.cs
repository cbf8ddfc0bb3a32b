namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// Thins a training's steps to at most <see cref="MaxPoints"/> points of equally many steps each. What comes out depends on the steps
/// alone, however long the training turns out to be.
/// </summary>
internal sealed class CurveRecorder
{
    public const int MaxPoints = 2_000;

    private readonly List<TrainingPoint> _points = [];
    private int _stepsInPoint = 1;
    private int _open;
    private double _lossSum, _normSum;
    private TrainingPoint? _last;

    /// <summary>All points; the last may stand for fewer steps than the others.</summary>
    public IReadOnlyList<TrainingPoint> Points => _open == 0 ? [.. _points] : [.. _points, Close()];

    public CurveState State => new([.. _points], _stepsInPoint, _open, _lossSum, _normSum, _last);

    /// <exception cref="InvalidDataException">No recorder can be in that state.</exception>
    public void Resume(CurveState state)
    {
        if (state.Points.Count >= MaxPoints || state.Points.Any(point => point is null) || state.StepsInPoint < 1
            || state.Open < 0 || state.Open >= state.StepsInPoint
            || (state.Open > 0 && state.Last is null))
            throw new InvalidDataException("its curve contradicts itself.");
        _points.AddRange(state.Points);
        (_stepsInPoint, _open, _lossSum, _normSum, _last) = (state.StepsInPoint, state.Open, state.LossSum, state.NormSum, state.Last);
    }

    public void Add(int step, MambaStepResult result, float learningRate)
    {
        _open++;
        _lossSum += result.Loss;
        _normSum += result.GradientNorm;
        _last = new TrainingPoint { Step = step, Loss = result.Loss, LearningRate = learningRate, GradientNorm = result.GradientNorm };
        if (_open < _stepsInPoint)
            return;
        _points.Add(Close());
        (_open, _lossSum, _normSum) = (0, 0, 0);
        if (_points.Count == MaxPoints)
            Halve();
    }

    private TrainingPoint Close() => _last! with { Loss = _lossSum / _open, GradientNorm = _normSum / _open };

    private void Halve()
    {
        for (int i = 0; i < MaxPoints / 2; i++)
        {
            TrainingPoint first = _points[2 * i], second = _points[2 * i + 1];
            _points[i] = second with { Loss = (first.Loss + second.Loss) / 2, GradientNorm = (first.GradientNorm + second.GradientNorm) / 2 };
        }

        _points.RemoveRange(MaxPoints / 2, MaxPoints / 2);
        _stepsInPoint *= 2;
    }
}

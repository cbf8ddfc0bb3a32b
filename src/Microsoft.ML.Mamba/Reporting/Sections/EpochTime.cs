using Microsoft.ML.Mamba.Reporting.Charts;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting.Sections;

/// <summary>Places steps on an axis of epochs. Without epochs the axis is of steps.</summary>
internal sealed class EpochTime
{
    private readonly int[] _ends;
    private readonly double _lastSteps;

    /// <param name="epochs">The complete epochs.</param>
    /// <param name="steps">All steps, also those after the last complete epoch.</param>
    public EpochTime(IReadOnlyList<TrainingEpoch> epochs, int steps)
    {
        int sum = 0;
        _ends = [.. epochs.Select(epoch => sum += epoch.Steps)];
        _lastSteps = epochs.Count > 0 ? Math.Max(1, epochs[^1].Steps) : 1;
        Axis = Axis.OfWhole(0, Math.Max(epochs.Count, At(Math.Max(1, steps))), 8);
    }

    public string Name => _ends.Length > 0 ? "epoch" : "step";

    public Axis Axis { get; }

    /// <summary>The place of a step, counted from 1, when it has ended.</summary>
    public double At(int step)
    {
        if (_ends.Length == 0)
            return step;
        int epoch = Array.BinarySearch(_ends, step);
        if (epoch >= 0)
            return epoch + 1;
        epoch = ~epoch;
        double start = epoch == 0 ? 0 : _ends[epoch - 1];
        double steps = epoch < _ends.Length ? _ends[epoch] - start : _lastSteps;
        return epoch + (step - start) / steps;
    }
}

using System.Diagnostics;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Where an epoch stands: its complete steps, and what they summed up.</summary>
/// <param name="number">Number of the epoch, from 1.</param>
/// <param name="before">Time spent on the epoch before a training was resumed.</param>
internal sealed class EpochProgress(int number, TimeSpan before = default)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public int Number => number;

    public int Steps { get; set; }

    public int Rows { get; set; }

    public long Tokens { get; set; }

    /// <summary>Sum of the rows' losses.</summary>
    public double LossSum { get; set; }

    /// <summary>The last step's learning rate.</summary>
    public float LearningRate { get; set; }

    /// <summary>The last step's gradient norm.</summary>
    public float GradientNorm { get; set; }

    public double Loss => LossSum / Rows;

    public TimeSpan Elapsed => before + Stopwatch.GetElapsedTime(_started);

    public void Add(SequenceBatch batch, MambaStepResult result, float learningRate)
    {
        Steps++;
        Rows += batch.Count;
        Tokens += batch.TokenCount;
        LossSum += (double)result.Loss * batch.Count;
        LearningRate = learningRate;
        GradientNorm = result.GradientNorm;
    }
}

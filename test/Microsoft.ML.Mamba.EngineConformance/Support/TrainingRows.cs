using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.EngineConformance.Support;

/// <summary>A few rows that something can be learned from.</summary>
public static class TrainingRows
{
    public static SequenceDataset Create(MambaConfig config)
    {
        var random = new Random(3);
        SequenceDatasetBuilder builder = config.IsTokenModel ? SequenceDatasetBuilder.ForTokens() : SequenceDatasetBuilder.ForFrames(config.InputChannels);
        for (int i = 0; i < 45; i++)
        {
            int length = random.Next(2, 9), label = i % config.NumClasses;
            if (config.IsTokenModel)
                builder.Add([.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0 ? label : random.Next(config.VocabSize))], label);
            else
                builder.Add([.. Enumerable.Range(0, length * config.InputChannels).Select(_ => random.NextSingle() + label)], label);
        }

        return builder.Build();
    }
}

/// <summary>Cancels a training after a step.</summary>
public sealed class CancelAfter(int step, CancellationTokenSource source) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Step == step)
            source.Cancel();
    }
}

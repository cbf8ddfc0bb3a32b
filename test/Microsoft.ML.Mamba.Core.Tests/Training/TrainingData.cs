namespace Microsoft.ML.Mamba.Training;

/// <summary>Small datasets for the training tests.</summary>
internal static class TrainingData
{
    /// <summary>Rows of class 0 are mostly token 0, those of class 1 mostly token 1; lengths 1 to 20.</summary>
    public static SequenceDataset Tokens(int rows, int seed = 1, int classes = 2)
    {
        var random = new MambaRandom(seed, "rows");
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
        for (int i = 0; i < rows; i++)
        {
            int label = i % classes;
            int[] tokens = [.. Enumerable.Range(0, 1 + random.NextInt32(20)).Select(_ => random.NextInt32(10) < 6 ? label : random.NextInt32(4))];
            builder.Add(tokens, label);
        }

        return builder.Build();
    }

    /// <summary>One row a length, of token 0, with labels 0 and 1 in turn.</summary>
    public static SequenceDataset OfLengths(params int[] lengths)
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
        for (int i = 0; i < lengths.Length; i++)
            builder.Add(new int[lengths[i]], i % 2);
        return builder.Build();
    }

    /// <summary>Rows of one token each, with given labels.</summary>
    public static SequenceDataset OfLabels(params int[] labels)
    {
        SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
        foreach (int label in labels)
            builder.Add([label % 4], label);
        return builder.Build();
    }
}

/// <summary>Keeps every report, on the reporting thread.</summary>
internal sealed class ProgressList : IProgress<TrainingProgress>
{
    public List<TrainingProgress> Reports { get; } = [];

    public Action<TrainingProgress>? OnReport { get; init; }

    public void Report(TrainingProgress value)
    {
        Reports.Add(value);
        OnReport?.Invoke(value);
    }
}

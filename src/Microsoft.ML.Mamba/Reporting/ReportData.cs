using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Reporting;

/// <summary>What a report is made of. Immutable.</summary>
internal sealed record ReportData
{
    public string Title { get; init; } = "Training report";

    public required TrainingHistory History { get; init; }

    public required MambaConfig Config { get; init; }

    /// <summary>Models whose probabilities are averaged.</summary>
    public int EnsembleSize { get; init; } = 1;

    /// <summary>The classes' names, in the order of the scores.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Of all models together.</summary>
    public required long Parameters { get; init; }

    public required MambaModality Modality { get; init; }

    public required string Engine { get; init; }

    public required string LabelColumn { get; init; }

    public required string SequenceColumn { get; init; }

    public TestEvaluation? Test { get; init; }

    /// <summary>A warning of test rows that were trained on, or null.</summary>
    public string? Overlap { get; init; }

    /// <summary>What the parts of a sequence are called.</summary>
    public string Units => Config.IsTokenModel ? "tokens" : "frames";

    public static ReportData Of(MambaTransformer model, TestEvaluation? test, string? title)
    {
        var data = new ReportData
        {
            History = model.History,
            Config = model.Config,
            EnsembleSize = model.EnsembleSize,
            Labels = model.Labels,
            Parameters = model.CountParameters(),
            Modality = model.Modality,
            Engine = model.Engine,
            LabelColumn = model.LabelColumnName,
            SequenceColumn = model.SequenceColumnName,
            Test = test,
        };
        return title == null ? data : data with { Title = title };
    }
}

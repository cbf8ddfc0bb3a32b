using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Warns of what commonly goes wrong with data and training: each at most once a fit, with the numbers and what to change.</summary>
internal sealed class FitGuidance(IChannel channel, MambaClassificationOptions options, LabelValues labels, MambaTrainingOptions training)
{
    private readonly List<string> _warnings = [];

    /// <summary>All that was warned of so far.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Looks at the rows before they are trained on, in time linear in their tokens.</summary>
    public void LookAtRows(TrainingRows rows, SequenceDataset? validation, SequenceTokenizer? tokenizer)
    {
        if (FreeTextLabels.Of(rows.Data, labels, options.LabelColumnName) is { } freeText)
            Warn(freeText);
        else
            Warn(ClassImbalance.Of(rows.Data, labels, training));
        Warn(CutSequences.Of(rows, options));
        Warn(DuplicateSequences.Contradictions(rows.Data, labels));
        if (validation is not null)
        {
            Warn(DuplicateSequences.Leak(rows.Data, validation, nameof(options.ValidationSet)));
            Warn(UnknownTokens.Of(rows.Data, validation, tokenizer));
        }
        else if (training.ValidationFraction > 0 && HasRowsToSpare(rows.Data))
        {
            // The rows that the trainer will hold out, but for classes of weight 0.
            (SequenceDataset trained, SequenceDataset heldOut) = rows.Data.Split(training.ValidationFraction, training.Seed);
            Warn(DuplicateSequences.Leak(trained, heldOut, nameof(options.ValidationFraction)));
        }
    }

    /// <summary>Looks at the first texts as they are.</summary>
    public void LookAtTexts(IDataView rows, DataViewSchema.Column column) => Warn(FileNames.Of(rows, column));

    /// <summary>Looks at what the training gave.</summary>
    public void LookAtHistory(TrainingHistory history) => Warn(StalledValidation.Of(history, training, labels.Count));

    private bool HasRowsToSpare(SequenceDataset rows) => rows.CountClasses(labels.Count).Any(count => count > 1);

    private void Warn(string? warning)
    {
        if (warning is null)
            return;
        channel.Warning(MessageSensitivity.UserData, warning);
        _warnings.Add(warning);
    }
}

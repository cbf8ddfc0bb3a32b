using System.Globalization;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Adds to a history's options those that stand above the training: what the sequences are and how they are read.</summary>
internal static class FitOptionTexts
{
    public static TrainingHistory AddTo(
        TrainingHistory history, MambaClassificationOptions options, MambaModality modality, SequenceTokenizer? tokenizer, FramePreparation? frames, string engine,
        int models)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [nameof(options.Modality)] = modality.ToString(),
            [nameof(options.Engine)] = engine,
            [nameof(options.EnsembleSize)] = models.ToString(CultureInfo.InvariantCulture),
            [nameof(options.MaxLength)] = options.MaxLength?.ToString(CultureInfo.InvariantCulture) ?? "none",
            [nameof(options.Truncation)] = options.Truncation.ToString(),
            [nameof(options.EmptySequences)] = options.EmptySequences.ToString(),
        };
        if (tokenizer is not null)
            texts[nameof(options.Tokenizer)] = $"{tokenizer.Kind}, {tokenizer.VocabularySize.ToString(CultureInfo.InvariantCulture)} ids";
        if (frames is not null)
        {
            texts[nameof(options.FrameNormalization)] = frames.Normalization.ToString();
            texts[nameof(options.MissingValues)] = frames.MissingValues.ToString();
        }

        foreach ((string name, string value) in history.Options)
            texts[name] = value;
        return history with { Options = texts };
    }
}

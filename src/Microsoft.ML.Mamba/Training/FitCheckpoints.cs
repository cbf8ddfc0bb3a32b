using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Training;

/// <summary>The trainer's checkpoints of an estimator's options.</summary>
internal static class FitCheckpoints
{
    /// <param name="options">The estimator's options.</param>
    /// <param name="labels">What the classes mean: another meaning is another training, although the rows' class numbers may be the same.</param>
    /// <param name="tokenizer">What the token ids mean; null except for text.</param>
    public static CheckpointOptions? Of(MambaClassificationOptions options, LabelValues labels, SequenceTokenizer? tokenizer)
    {
        if (options.CheckpointFolder is not { } folder)
            return null;
        var identity = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["the values of the label column"] = Hash(JsonSerializer.Serialize(labels.Names.Prepend(labels.Type?.ToString() ?? ""))),
        };
        if (tokenizer is not null)
            identity["the tokenizer"] = Hash(tokenizer.ToJson());
        var checkpoints = new CheckpointOptions { Folder = folder, Identity = identity };
        return checkpoints with
        {
            EverySteps = options.CheckpointEverySteps ?? checkpoints.EverySteps,
            EveryEpochs = options.CheckpointEveryEpochs ?? checkpoints.EveryEpochs,
            AtBest = options.CheckpointAtBest ?? checkpoints.AtBest,
            Keep = options.CheckpointsToKeep ?? checkpoints.Keep,
            Resume = options.Resume ?? checkpoints.Resume,
        };
    }

    /// <summary>The seed of the training that a program goes on with, where it does not say one itself; or null.</summary>
    public static int? SeedOf(MambaClassificationOptions options) =>
        options.CheckpointFolder is { } folder && options.Resume != CheckpointResume.Never ? Training.CheckpointFolder.SeedIn(folder) : null;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

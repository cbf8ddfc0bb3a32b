using System.Globalization;
using System.Text;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Safetensors;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Persistence;

/// <summary>Writes a model's entries into a zip, and its portable part into a folder.</summary>
internal static class ModelWriter
{
    private const string ExportedWeights = "model.safetensors";

    public static void Save(ModelSaveContext context, ModelDefinition model, IReadOnlyList<MambaWeights> weights, TrainingHistory history)
    {
        SaveText(context, ModelEntries.Manifest, ManifestJson.ToText(ManifestConverter.ToManifest(model)));
        SaveText(context, ModelEntries.Config, model.Config.ToJson());
        if (model.Tokenizer is { } tokenizer)
            SaveText(context, ModelEntries.Tokenizer, tokenizer.ToJson());
        if (ManifestConverter.IsPrepared(model))
            SaveText(context, ModelEntries.Frames, model.Frames!.ToJson());
        SaveText(context, ModelEntries.History, history.ToJson());
        foreach ((string name, MambaWeights each) in ModelEntries.AllWeights(weights.Count).Zip(weights))
            context.SaveBinaryStream(name, writer => MambaWeightsFile.Save(each, writer.BaseStream));
    }

    public static void Export(string folder, ModelDefinition model, IReadOnlyList<MambaWeights> weights)
    {
        string[] all = [folder, .. Enumerable.Range(1, MambaEnsemble.MostMembers)
            .Select(member => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"member-{member}")))];
        string[] own = weights.Count == 1 ? all[..1] : all[1..(weights.Count + 1)];
        // What an earlier export left must not be taken for this model's.
        foreach (string other in all.Except(own))
            Clear(other);
        foreach ((string each, MambaWeights one) in own.Zip(weights))
            ExportOne(each, model, one);
    }

    private static void ExportOne(string folder, ModelDefinition model, MambaWeights weights)
    {
        Directory.CreateDirectory(folder);
        MambaWeightsFile.Save(weights, Path.Combine(folder, ExportedWeights), new Dictionary<string, string> { ["format"] = "pt" });
        WriteText(Path.Combine(folder, ModelEntries.Config), model.Config.ToJson());
        WriteOrDelete(Path.Combine(folder, ModelEntries.Tokenizer), model.Tokenizer?.ToJson());
        WriteOrDelete(Path.Combine(folder, ModelEntries.Frames), ManifestConverter.IsPrepared(model) ? model.Frames!.ToJson() : null);
    }

    private static void Clear(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string name in new[] { ExportedWeights, ModelEntries.Config, ModelEntries.Tokenizer, ModelEntries.Frames })
            File.Delete(Path.Combine(folder, name));
    }

    private static void WriteOrDelete(string path, string? text)
    {
        if (text is null)
            File.Delete(path);
        else
            WriteText(path, text);
    }

    public static void SaveText(ModelSaveContext context, string name, string text) =>
        context.SaveBinaryStream(name, writer => writer.Write(Encoding.UTF8.GetBytes(text)));

    private static void WriteText(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}

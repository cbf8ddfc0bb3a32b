using System.Text;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Engines;
using Microsoft.ML.Mamba.Safetensors;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Persistence;

/// <summary>What a zip holds of a model.</summary>
internal sealed record SavedModel(ModelDefinition Definition, IReadOnlyList<MambaWeights> Weights, TrainingHistory History)
{
    /// <summary>The model, on the engine that the environment asks for, and that engine's name.</summary>
    public (MambaEnsemble Model, string Engine) CreateModel(IHostEnvironment env)
    {
        IMambaEngine engine = EngineSelector.Select(env, MambaEngineKind.Auto, threads: null, GpuEngineSource.Default);
        return (MambaEnsemble.Create(engine, Definition.Config, Weights), engine.Name);
    }
}

/// <summary>Reads a model's entries. Nothing is allocated on the word of a file alone: only what its real length bears out.</summary>
internal static class ModelReader
{
    /// <exception cref="InvalidDataException">An entry is missing or malformed, or of a version that this library does not read.</exception>
    /// <exception cref="InvalidOperationException">The model needs a tokenizer that is not registered.</exception>
    public static SavedModel Read(ModelLoadContext context)
    {
        ModelManifest manifest = ManifestJson.Parse(ReadText(context, ModelEntries.Manifest));
        MambaConfig config = MambaConfig.FromJson(ReadText(context, ModelEntries.Config));
        SequenceTokenizer? tokenizer = manifest.Sequences.Tokenized ? MambaTokenizers.Read(ReadText(context, ModelEntries.Tokenizer)) : null;
        FramePreparation? frames = manifest.Sequences.Prepared ? FramePreparation.FromJson(ReadText(context, ModelEntries.Frames)) : null;
        ModelDefinition definition = ManifestConverter.ToDefinition(manifest, config, tokenizer, frames);
        TrainingHistory history = TrainingHistory.FromJson(ReadText(context, ModelEntries.History));
        return new SavedModel(definition, [.. ModelEntries.AllWeights(definition.EnsembleSize).Select(name => ReadWeights(context, name, config))], history);
    }

    private static MambaWeights ReadWeights(ModelLoadContext context, string name, MambaConfig config)
    {
        MambaWeights? weights = null;
        return context.TryLoadBinaryStream(name, reader => weights = MambaWeightsFile.Load(reader.BaseStream, config)) ? weights! : throw Missing(name);
    }

    /// <exception cref="InvalidDataException">The entry is missing or too long.</exception>
    public static string ReadText(ModelLoadContext context, string name)
    {
        string? text = null;
        if (!context.TryLoadBinaryStream(name, reader =>
        {
            long length = reader.BaseStream.Length;
            if (length > ModelEntries.MaxJsonLength)
                throw new InvalidDataException($"The model's {name} has {length} bytes; at most {ModelEntries.MaxJsonLength} are read.");
            byte[] bytes = reader.ReadBytes((int)length);
            text = Encoding.UTF8.GetString(bytes);
        }))
            throw Missing(name);
        return text!;
    }

    private static InvalidDataException Missing(string name) => new($"The model lacks the entry {name}.");
}

using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>The parameters of a model by role, over a buffer of weights or of gradients; empty where the configuration has none.</summary>
internal sealed class ModelParameters
{
    public ModelParameters(MambaConfig config, ParameterBuffer buffer)
    {
        Embedding = buffer["backbone.embeddings.weight"];
        InputWeight = buffer["backbone.input_projection.weight"];
        InputBias = buffer["backbone.input_projection.bias"];
        Blocks = new BlockParameters[config.NumLayers];
        for (int layer = 0; layer < Blocks.Length; layer++)
            Blocks[layer] = new BlockParameters(config, buffer, $"backbone.layers.{layer}.");
        FinalNorm = buffer["backbone.norm_f.weight"];
        LanguageHead = config.TieWordEmbeddings ? Embedding : buffer["lm_head.weight"];
        Query = buffer["pooler.query"];
        ClassifierWeight = buffer["classifier.weight"];
        ClassifierBias = buffer["classifier.bias"];
    }

    /// <summary>[VocabSize, DModel].</summary>
    public NativeBuffer<float> Embedding { get; }

    /// <summary>[DModel, InputChannels].</summary>
    public NativeBuffer<float> InputWeight { get; }

    public NativeBuffer<float> InputBias { get; }

    public BlockParameters[] Blocks { get; }

    public NativeBuffer<float> FinalNorm { get; }

    /// <summary>[VocabSize, DModel]: the embedding where tied.</summary>
    public NativeBuffer<float> LanguageHead { get; }

    public NativeBuffer<float> Query { get; }

    /// <summary>[NumClasses, DModel].</summary>
    public NativeBuffer<float> ClassifierWeight { get; }

    public NativeBuffer<float> ClassifierBias { get; }
}

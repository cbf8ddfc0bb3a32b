using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>The parameters of a model by role, over a buffer of weights or of gradients; empty where the configuration has none.</summary>
internal sealed class ModelParameters
{
    public ModelParameters(MambaConfig config, ParameterBuffer buffer)
    {
        Embedding = buffer["backbone.embeddings.weight"];
        InputWeight = buffer.Matrix("backbone.input_projection.weight");
        InputBias = buffer["backbone.input_projection.bias"];
        Positions = buffer["backbone.position_embeddings.weight"];
        Blocks = new BlockParameters[config.NumLayers];
        for (int layer = 0; layer < Blocks.Length; layer++)
            Blocks[layer] = new BlockParameters(config, buffer, $"backbone.layers.{layer}.");
        FinalNorm = buffer["backbone.norm_f.weight"];
        LanguageHead = buffer.Matrix(config.TieWordEmbeddings ? "backbone.embeddings.weight" : "lm_head.weight");
        Query = buffer["pooler.query"];
        ClassifierWeight = buffer.Matrix("classifier.weight");
        ClassifierBias = buffer["classifier.bias"];
    }

    /// <summary>[VocabSize, DModel].</summary>
    public NativeBuffer<float> Embedding { get; }

    /// <summary>[DModel, InputWidth].</summary>
    public WeightMatrix InputWeight { get; }

    public NativeBuffer<float> InputBias { get; }

    /// <summary>[MaxPositions, DModel].</summary>
    public NativeBuffer<float> Positions { get; }

    public BlockParameters[] Blocks { get; }

    public NativeBuffer<float> FinalNorm { get; }

    /// <summary>[VocabSize, DModel]: the embedding where tied.</summary>
    public WeightMatrix LanguageHead { get; }

    public NativeBuffer<float> Query { get; }

    /// <summary>[NumClasses, DModel].</summary>
    public WeightMatrix ClassifierWeight { get; }

    public NativeBuffer<float> ClassifierBias { get; }

    /// <summary>All linear layers that inference uses.</summary>
    public IEnumerable<WeightMatrix> Matrices(MambaConfig config)
    {
        yield return InputWeight;
        foreach (BlockParameters block in Blocks)
        {
            foreach (WeightMatrix matrix in block.Matrices)
                yield return matrix;
        }

        if (config.Head == MambaHead.LanguageModel)
            yield return LanguageHead;
        yield return ClassifierWeight;
    }
}

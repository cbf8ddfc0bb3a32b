using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>Embedding or input projection, position embedding, blocks and the final norm.</summary>
internal sealed class Backbone : NamedModule
{
    private const string Prefix = "backbone.";

    public Backbone(MambaConfig config, ParameterStore store, FusedKernels kernels) : base("backbone")
    {
        if (config.IsTokenModel)
            Embeddings = Register("embeddings", new Table(store, Prefix + "embeddings"));
        else
            InputProjection = Register("input_projection", new Table(store, Prefix + "input_projection", hasBias: true));
        if (config.MaxPositions > 0)
            Positions = Register("position_embeddings", new Table(store, Prefix + "position_embeddings"));
        var layers = Register("layers", new ModuleSequence("layers"));
        Layers = [.. Enumerable.Range(0, config.NumLayers).Select(k => layers.Add(k, new MambaBlock(config, store, kernels, $"{Prefix}layers.{k}")))];
        FinalNorm = Register("norm_f", new Norm(store, Prefix + "norm_f", config.NormEpsilon));
    }

    /// <summary>[VocabSize, DModel]; null for frames.</summary>
    public Table? Embeddings { get; }

    /// <summary>[DModel, InputChannels] and a bias; null for tokens.</summary>
    public Table? InputProjection { get; }

    /// <summary>[MaxPositions, DModel]; null where the model has none.</summary>
    public Table? Positions { get; }

    public MambaBlock[] Layers { get; }

    public Norm FinalNorm { get; }

    private sealed class ModuleSequence(string name) : NamedModule(name)
    {
        public MambaBlock Add(int index, MambaBlock block) => Register(index.ToString(System.Globalization.CultureInfo.InvariantCulture), block);
    }
}

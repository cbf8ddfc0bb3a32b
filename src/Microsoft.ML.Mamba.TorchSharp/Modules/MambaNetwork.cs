using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>A whole model; its named parameters are those of <see cref="MambaParameters"/>.</summary>
internal sealed class MambaNetwork : NamedModule
{
    public MambaNetwork(MambaConfig config, ParameterStore store, FusedKernels kernels) : base("mamba")
    {
        Backbone = Register("backbone", new Backbone(config, store, kernels));
        if (config.Head == MambaHead.LanguageModel)
        {
            string name = config.TieWordEmbeddings ? "backbone.embeddings" : "lm_head";
            LanguageHead = new Linear(store, name);
            if (!config.TieWordEmbeddings)
                Register("lm_head", LanguageHead);
        }

        if (config.Head != MambaHead.Classification)
            return;
        if (config.Pooling == MambaPooling.Attention)
            Pooler = Register("pooler", new Table(store, "pooler", "query"));
        Classifier = Register("classifier", new Table(store, "classifier", hasBias: true));
    }

    public Backbone Backbone { get; }

    /// <summary>[VocabSize, DModel], the embedding where tied; null for other heads.</summary>
    public Linear? LanguageHead { get; }

    /// <summary>The query [DModel]; null for other poolings.</summary>
    public Table? Pooler { get; }

    /// <summary>[NumClasses, DModel] and a bias; null for other heads.</summary>
    public Table? Classifier { get; }
}

namespace Microsoft.ML.Mamba;

/// <summary>One parameter of a model: what its tensor is called and looks like.</summary>
/// <param name="Name">The upstream name, such as <c>backbone.layers.0.mixer.A_log</c>.</param>
/// <param name="Shape">Sizes of the dimensions.</param>
/// <param name="Decays">Whether weight decay applies: to matrices, not to norms, biases, A_log, D, the position embedding and the pooling query.</param>
public sealed record MambaParameter(string Name, IReadOnlyList<int> Shape, bool Decays)
{
    /// <summary>Number of values.</summary>
    public int Length => Shape.Aggregate(1, (product, size) => checked(product * size));
}

/// <summary>Lists the parameters of a model, in the order in which they are stored.</summary>
public static class MambaParameters
{
    /// <summary>All parameters that a configuration calls for, with the names and shapes of the Hugging Face checkpoints where those have them.</summary>
    /// <remarks>
    /// A separate reversed direction adds <c>conv1d_b</c>, <c>x_proj_b</c>, <c>dt_proj_b</c>, <c>A_b_log</c> and <c>D_b</c> to a mixer (Vision Mamba's names);
    /// frames enter by <c>backbone.input_projection</c>, whose weight is <c>[DModel, PatchLength x InputChannels]</c> where there are
    /// patches, frame by frame; <see cref="MambaConfig.MaxPositions"/> adds <c>backbone.position_embeddings</c>; a classifier has
    /// <c>pooler.query</c> (attention pooling only) and <c>classifier</c>.
    /// </remarks>
    /// <param name="config">A valid configuration.</param>
    public static IReadOnlyList<MambaParameter> List(MambaConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        var list = new List<MambaParameter>();
        void Add(string name, bool decays, params int[] shape) => list.Add(new MambaParameter(name, shape, decays));

        if (config.IsTokenModel)
        {
            Add("backbone.embeddings.weight", true, config.VocabSize, config.DModel);
        }
        else
        {
            Add("backbone.input_projection.weight", true, config.DModel, config.InputWidth);
            Add("backbone.input_projection.bias", false, config.DModel);
        }

        // Decay would pull positions that few sequences reach towards none at all.
        if (config.MaxPositions > 0)
            Add("backbone.position_embeddings.weight", false, config.MaxPositions, config.DModel);
        for (int layer = 0; layer < config.NumLayers; layer++)
        {
            string prefix = $"backbone.layers.{layer}.";
            Add(prefix + "norm.weight", false, config.DModel);
            Add(prefix + "mixer.in_proj.weight", true, 2 * config.DInner, config.DModel);
            if (config.UseBias)
                Add(prefix + "mixer.in_proj.bias", false, 2 * config.DInner);
            AddDirection(prefix + "mixer.", "");
            if (config.Direction == MambaDirection.BidirectionalSeparate)
                AddDirection(prefix + "mixer.", "_b");
            Add(prefix + "mixer.out_proj.weight", true, config.DModel, config.DInner);
            if (config.UseBias)
                Add(prefix + "mixer.out_proj.bias", false, config.DModel);
        }

        Add("backbone.norm_f.weight", false, config.DModel);
        if (config.Head == MambaHead.LanguageModel && !config.TieWordEmbeddings)
            Add("lm_head.weight", true, config.VocabSize, config.DModel);
        if (config.Head == MambaHead.Classification)
        {
            if (config.Pooling == MambaPooling.Attention)
                Add("pooler.query", false, config.DModel);
            Add("classifier.weight", true, config.NumClasses, config.DModel);
            Add("classifier.bias", false, config.NumClasses);
        }

        return list;

        void AddDirection(string prefix, string suffix)
        {
            Add($"{prefix}conv1d{suffix}.weight", true, config.DInner, 1, config.DConv);
            if (config.UseConvBias)
                Add($"{prefix}conv1d{suffix}.bias", false, config.DInner);
            Add($"{prefix}x_proj{suffix}.weight", true, config.EffectiveDtRank + 2 * config.DState, config.DInner);
            Add($"{prefix}dt_proj{suffix}.weight", true, config.DInner, config.EffectiveDtRank);
            Add($"{prefix}dt_proj{suffix}.bias", false, config.DInner);
            Add(prefix + (suffix.Length == 0 ? "A_log" : "A_b_log"), false, config.DInner, config.DState);
            Add(prefix + "D" + suffix, false, config.DInner);
        }
    }

    /// <summary>Checks that weights hold exactly the parameters of a configuration.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="weights">The weights.</param>
    /// <exception cref="ArgumentException">A parameter is missing, superfluous or of another shape; the message names it.</exception>
    public static void Check(MambaConfig config, MambaWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        IReadOnlyList<MambaParameter> expected = List(config);
        foreach (MambaParameter parameter in expected)
        {
            if (!weights.TryGet(parameter.Name, out MambaTensor? tensor))
                throw new ArgumentException($"The weights lack '{parameter.Name}' of shape [{string.Join(", ", parameter.Shape)}].", nameof(weights));
            if (!tensor.Shape.SequenceEqual(parameter.Shape.ToArray()))
                throw new ArgumentException(
                    $"'{parameter.Name}' must have shape [{string.Join(", ", parameter.Shape)}]; "
                    + $"got [{string.Join(", ", tensor.Shape.ToArray())}].", nameof(weights));
        }

        if (weights.Count != expected.Count)
        {
            var names = expected.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
            string extra = weights.First(tensor => !names.Contains(tensor.Name)).Name;
            throw new ArgumentException($"The model has no parameter '{extra}'.", nameof(weights));
        }
    }
}

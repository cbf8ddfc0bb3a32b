using System.Text.Json;

namespace Microsoft.ML.Mamba;

/// <summary>Reads this library's and published checkpoints' <c>config.json</c>. Whatever is wrong gives an <see cref="InvalidDataException"/>.</summary>
internal static class ConfigJsonReader
{
    public static MambaConfig Read(JsonElement root)
    {
        var json = new ConfigJsonObject(root, "the configuration");
        string? modelType = json.OptionalString("model_type");
        return modelType switch
        {
            ConfigJsonWriter.ModelType => ReadOwn(json),
            "mamba" or "falcon_mamba" => ReadHuggingFace(json, modelType == "falcon_mamba"),
            null when json.Has("d_model") && json.Has("n_layer") => ReadStateSpaces(json),
            null => throw new InvalidDataException("The configuration lacks 'model_type'."),
            _ => throw new InvalidDataException($"Model type '{modelType}' is not supported; expected {ConfigJsonWriter.ModelType}, mamba or falcon_mamba."),
        };
    }

    private static MambaConfig ReadOwn(ConfigJsonObject json)
    {
        int version = json.Int32("format_version") ?? throw new InvalidDataException("The configuration lacks 'format_version'.");
        if (version != ConfigJsonWriter.FormatVersion)
            throw new InvalidDataException(
                $"The configuration has 'format_version' {version}, of a newer release; this one reads {ConfigJsonWriter.FormatVersion}.");
        var defaults = new MambaConfig();
        var config = new MambaConfig
        {
            DModel = json.Int32("d_model", "hidden_size") ?? throw new InvalidDataException("The configuration lacks 'd_model'."),
            NumLayers = json.Int32("num_layers", "num_hidden_layers") ?? throw new InvalidDataException("The configuration lacks 'num_layers'."),
            DState = json.Int32("d_state", "state_size") ?? defaults.DState,
            DConv = json.Int32("d_conv", "conv_kernel") ?? defaults.DConv,
            Expand = json.Int32("expand") ?? defaults.Expand,
            DtRank = json.Int32("dt_rank") ?? Rank(json, "time_step_rank"),
            UseConvBias = json.Boolean("use_conv_bias") ?? defaults.UseConvBias,
            UseBias = json.Boolean("use_bias") ?? defaults.UseBias,
            NormEpsilon = json.Single("norm_epsilon", "layer_norm_epsilon") ?? defaults.NormEpsilon,
            NormalizeDtBC = json.Boolean("normalize_dt_b_c") ?? defaults.NormalizeDtBC,
            MixerNormEpsilon = json.Single("mixer_norm_epsilon", "mixer_rms_eps") ?? defaults.MixerNormEpsilon,
            Direction = json.Enum<MambaDirection>("direction") ?? defaults.Direction,
            VocabSize = json.Int32("vocab_size") ?? defaults.VocabSize,
            InputChannels = json.Int32("input_channels") ?? defaults.InputChannels,
            PatchLength = json.Int32("patch_length") ?? defaults.PatchLength,
            PatchStride = json.Int32("patch_stride") ?? defaults.PatchStride,
            MaxPositions = json.Int32("max_positions") ?? defaults.MaxPositions,
            Head = json.Enum<MambaHead>("head") ?? defaults.Head,
            NumClasses = json.Int32("num_classes") ?? defaults.NumClasses,
            Pooling = json.Enum<MambaPooling>("pooling") ?? defaults.Pooling,
            TieWordEmbeddings = json.Boolean("tie_word_embeddings") ?? defaults.TieWordEmbeddings,
            TimeStepMin = json.Single("time_step_min") ?? defaults.TimeStepMin,
            TimeStepMax = json.Single("time_step_max") ?? defaults.TimeStepMax,
            TimeStepFloor = json.Single("time_step_floor") ?? defaults.TimeStepFloor,
            TimeStepScale = json.Single("time_step_scale") ?? defaults.TimeStepScale,
            InitializerRange = json.Single("initializer_range") ?? defaults.InitializerRange,
            RescalePrenormResidual = json.Boolean("rescale_prenorm_residual") ?? defaults.RescalePrenormResidual,
        };
        CheckIntermediateSize(json, config);
        json.RequireAllRead();
        return config;
    }

    // Members that only say how to run or to generate (use_cache, bos_token_id ...) are passed over.
    private static MambaConfig ReadHuggingFace(ConfigJsonObject json, bool isFalcon)
    {
        string activation = json.OptionalString("hidden_act") ?? "silu";
        if (activation is not ("silu" or "swish"))
            throw new InvalidDataException($"'hidden_act' must be silu; got '{activation}'.");
        int dModel = json.Int32("hidden_size") ?? 768;
        return new MambaConfig
        {
            DModel = dModel,
            NumLayers = json.Int32("num_hidden_layers", "n_layer") ?? 32,
            VocabSize = json.Int32("vocab_size") ?? 50_280,
            DState = json.Int32("state_size") ?? 16,
            DConv = json.Int32("conv_kernel") ?? 4,
            Expand = ExpandOf(json, dModel),
            DtRank = Rank(json, "time_step_rank"),
            UseConvBias = json.Boolean("use_conv_bias") ?? true,
            UseBias = json.Boolean("use_bias") ?? false,
            NormEpsilon = json.Single("layer_norm_epsilon") ?? 1e-5f,
            NormalizeDtBC = isFalcon,
            MixerNormEpsilon = (isFalcon ? json.Single("mixer_rms_eps") : null) ?? 1e-6f,
            Head = MambaHead.LanguageModel,
            TieWordEmbeddings = json.Boolean("tie_word_embeddings") ?? true,
            TimeStepMin = json.Single("time_step_min") ?? 0.001f,
            TimeStepMax = json.Single("time_step_max") ?? 0.1f,
            TimeStepFloor = json.Single("time_step_floor") ?? 1e-4f,
            TimeStepScale = json.Single("time_step_scale") ?? 1f,
            InitializerRange = json.Single("initializer_range") ?? 0.1f,
            RescalePrenormResidual = json.Boolean("rescale_prenorm_residual") ?? false,
        };
    }

    private static MambaConfig ReadStateSpaces(ConfigJsonObject json)
    {
        if (json.Boolean("rms_norm") == false)
            throw new InvalidDataException("'rms_norm' must be true: layer norms are not supported.");
        if (json.HasItems("attn_layer_idx"))
            throw new InvalidDataException("'attn_layer_idx' names attention layers, which are not supported.");
        if ((json.Int32("d_intermediate") ?? 0) != 0)
            throw new InvalidDataException("'d_intermediate' must be 0: gated MLPs between the blocks are not supported.");
        ConfigJsonObject ssm = json.Object("ssm_cfg");
        string layer = ssm.OptionalString("layer") ?? "Mamba1";
        if (layer != "Mamba1")
            throw new InvalidDataException($"'layer' of 'ssm_cfg' must be Mamba1; got '{layer}'.");
        int vocabulary = json.Int32("vocab_size") ?? throw new InvalidDataException("The configuration lacks 'vocab_size'.");
        // The checkpoint's embedding has this multiple of rows.
        int multiple = Math.Max(1, json.Int32("pad_vocab_size_multiple") ?? 8);
        return new MambaConfig
        {
            DModel = json.Int32("d_model")!.Value,
            NumLayers = json.Int32("n_layer")!.Value,
            VocabSize = checked((vocabulary + multiple - 1) / multiple * multiple),
            DState = ssm.Int32("d_state") ?? 16,
            DConv = ssm.Int32("d_conv") ?? 4,
            Expand = ssm.Int32("expand") ?? 2,
            DtRank = Rank(ssm, "dt_rank"),
            UseConvBias = ssm.Boolean("conv_bias") ?? true,
            UseBias = ssm.Boolean("bias") ?? false,
            NormEpsilon = json.Single("norm_epsilon") ?? 1e-5f,
            Head = MambaHead.LanguageModel,
            TieWordEmbeddings = json.Boolean("tie_embeddings") ?? true,
            TimeStepMin = ssm.Single("dt_min") ?? 0.001f,
            TimeStepMax = ssm.Single("dt_max") ?? 0.1f,
            TimeStepFloor = ssm.Single("dt_init_floor") ?? 1e-4f,
            TimeStepScale = ssm.Single("dt_scale") ?? 1f,
            InitializerRange = 0.02f,
            RescalePrenormResidual = true,
        };
    }

    // A number, "auto" or nothing: the latter two are ceil(DModel / 16), which DtRank = 0 stands for.
    private static int Rank(ConfigJsonObject json, string name) => json.IsString(name, "auto") ? 0 : json.Int32(name) ?? 0;

    // Upstream lets 'intermediate_size' prevail: Falcon-Mamba's published configuration has an 'expand' that contradicts it.
    private static int ExpandOf(ConfigJsonObject json, int dModel)
    {
        int expand = json.Int32("expand") ?? 2;
        if (json.Int32("intermediate_size") is not int inner)
            return expand;
        if (dModel < 1 || inner % dModel != 0)
            throw new InvalidDataException($"'intermediate_size' must be a multiple of 'hidden_size' ({dModel}); got {inner}.");
        return inner / dModel;
    }

    private static void CheckIntermediateSize(ConfigJsonObject json, MambaConfig config)
    {
        if (json.Int32("intermediate_size") is int inner && inner != (long)config.Expand * config.DModel)
            throw new InvalidDataException($"'intermediate_size' must be expand x hidden_size = {config.Expand} x {config.DModel}; got {inner}.");
    }
}

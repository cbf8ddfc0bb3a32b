namespace Microsoft.ML.Mamba;

public class MambaConfigJsonTests
{
    private static readonly MambaConfig s_everythingElse = new()
    {
        DModel = 24,
        NumLayers = 3,
        DState = 8,
        DConv = 5,
        Expand = 3,
        DtRank = 7,
        UseConvBias = false,
        UseBias = true,
        NormEpsilon = 3e-6f,
        NormalizeDtBC = true,
        MixerNormEpsilon = 7e-7f,
        Direction = MambaDirection.BidirectionalSeparate,
        InputChannels = 2,
        PatchLength = 8,
        PatchStride = 5,
        MaxPositions = 60,
        NumClasses = 4,
        Pooling = MambaPooling.Attention,
        TieWordEmbeddings = false,
        TimeStepMin = 0.002f,
        TimeStepMax = 0.2f,
        TimeStepFloor = 0.0003f,
        TimeStepScale = 0.7f,
        InitializerRange = 0.3f,
        RescalePrenormResidual = false,
    };

    private static string Error(string json) => Assert.Throws<InvalidDataException>(() => MambaConfig.FromJson(json)).Message;

    [Fact]
    public void FromJson_RoundTripsEveryProperty()
    {
        var defaults = new MambaConfig();
        string[] settable = [.. typeof(MambaConfig).GetProperties().Where(property => property.SetMethod is not null).Select(property => property.Name)];
        MambaConfig[] configs =
        [
            s_everythingElse,
            s_everythingElse with
            {
                InputChannels = 0, PatchLength = 0, PatchStride = 0, VocabSize = 9, Direction = 0, Head = MambaHead.LanguageModel, NumClasses = 0,
            },
        ];
        // Every property must differ from its default in one of the two, or a forgotten one would pass.
        Assert.All(settable, name => Assert.Contains(configs, config => !Equals(Get(config, name), Get(defaults, name))));
        Assert.All(configs, config => Assert.Equal(config, MambaConfig.FromJson(config.ToJson())));

        static object? Get(MambaConfig config, string name) => typeof(MambaConfig).GetProperty(name)!.GetValue(config);
    }

    [Fact]
    public void ToJson_NamesPatchesOnlyWhereTheyAreSet()
    {
        MambaConfig none = s_everythingElse with { PatchLength = 0, PatchStride = 0 };
        Assert.DoesNotContain("patch", none.ToJson(), StringComparison.Ordinal);
        Assert.All(
            new[] { none with { PatchLength = 1 }, none with { PatchStride = 1 }, none with { PatchLength = 4 } },
            config => Assert.Equal(config, MambaConfig.FromJson(config.ToJson())));
        Assert.Contains(
            "'patch_length' of the configuration must be a whole number",
            Error(s_everythingElse.ToJson().Replace("\"patch_length\": 8", "\"patch_length\": 8.5")));
        Assert.Contains("PatchStride must be 0 to 4; got 5", Error(s_everythingElse.ToJson().Replace("\"patch_length\": 8", "\"patch_length\": 4")));
    }

    [Fact]
    public void SaveAndLoad_RoundTrip()
    {
        TestFiles.InTemporaryFolder(folder =>
        {
            string path = Path.Combine(folder, "config.json");
            s_everythingElse.Save(path);
            Assert.Equal(s_everythingElse, MambaConfig.Load(path));
            File.WriteAllText(path, s_everythingElse.ToJson(), System.Text.Encoding.UTF8);
            Assert.Equal(s_everythingElse, MambaConfig.Load(path));
            Assert.Throws<ArgumentOutOfRangeException>(() => (s_everythingElse with { DModel = 0 }).Save(path));
        });
    }

    [Fact]
    public void FromJson_AcceptsHuggingFaceNamesInOurFormat()
    {
        const string Json = """
            {"model_type":"mlnet_mamba","format_version":1,"hidden_size":32,"num_hidden_layers":1,"state_size":4,"conv_kernel":3,
             "time_step_rank":"auto","layer_norm_epsilon":1e-4,"intermediate_size":64,"vocab_size":5,"num_classes":2}
            """;
        MambaConfig config = MambaConfig.FromJson(Json);
        Assert.Equal(new MambaConfig { DModel = 32, NumLayers = 1, DState = 4, DConv = 3, NormEpsilon = 1e-4f, VocabSize = 5, NumClasses = 2 }, config);
        Assert.Contains("'d_model' and 'hidden_size'", Error(Json.Replace("\"hidden_size\"", "\"d_model\":16,\"hidden_size\"")));
        Assert.Contains("'intermediate_size' must be expand x hidden_size = 2 x 32; got 65", Error(Json.Replace("64", "65")));
    }

    [Theory]
    [InlineData("mamba", 8, false)]
    [InlineData("falcon_mamba", 16, true)]
    public void Load_ReadsHuggingFaceConfigs(string name, int dState, bool normalizes)
    {
        MambaConfig config = MambaConfig.Load(TestFiles.Golden(name, "config.json"));
        Assert.Equal(
            new MambaConfig
            {
                DModel = 48,
                NumLayers = 3,
                DState = dState,
                DtRank = 3,
                VocabSize = 97,
                Head = MambaHead.LanguageModel,
                NormalizeDtBC = normalizes,
                RescalePrenormResidual = false,
            },
            config);
        Assert.Equal(96, config.DInner);
    }

    [Fact]
    public void FromJson_FillsHuggingFaceDefaults()
    {
        MambaConfig config = MambaConfig.FromJson("""
            {"model_type":"mamba","hidden_size":768,"num_hidden_layers":24,"vocab_size":50280,"time_step_rank":"auto","use_cache":true}
            """);
        Assert.Equal(new MambaConfig { DModel = 768, NumLayers = 24, VocabSize = 50280, Head = MambaHead.LanguageModel, RescalePrenormResidual = false }, config);
        Assert.Equal(48, config.EffectiveDtRank);
        Assert.Equal(config with { NumLayers = 32 }, MambaConfig.FromJson("""{"model_type":"mamba"}"""));
    }

    [Fact]
    public void MaxPositions_IsOfOurFormatAlone()
    {
        const string Own = """{"model_type":"mlnet_mamba","format_version":1,"d_model":4,"num_layers":1,"vocab_size":5,"num_classes":2,"max_positions":9}""";
        Assert.Equal(9, MambaConfig.FromJson(Own).MaxPositions);
        Assert.Equal(0, MambaConfig.FromJson(Own.Replace("\"max_positions\":9", "\"use_bias\":true")).MaxPositions);
        Assert.Contains("MaxPositions must be 0 to 1048576; got 1048577", Error(Own.Replace("9", "1048577")));
        Assert.Equal(0, MambaConfig.FromJson("""{"model_type":"mamba","hidden_size":4,"num_hidden_layers":1,"vocab_size":5,"max_positions":9}""").MaxPositions);
    }

    [Fact]
    public void FromJson_LetsIntermediateSizePrevailOverExpand()
    {
        MambaConfig config = MambaConfig.FromJson("""
            {"model_type":"falcon_mamba","hidden_size":4096,"num_hidden_layers":64,"vocab_size":65024,"expand":16,"intermediate_size":8192}
            """);
        Assert.Equal((2, 8192), (config.Expand, config.DInner));
    }

    [Fact]
    public void FromJson_ReadsEveryHuggingFaceValue()
    {
        MambaConfig config = MambaConfig.FromJson("""
            {"model_type":"falcon_mamba","hidden_size":10,"num_hidden_layers":2,"vocab_size":7,"state_size":3,"conv_kernel":2,
             "intermediate_size":30,"time_step_rank":5,"use_conv_bias":false,"use_bias":true,"layer_norm_epsilon":1e-3,
             "mixer_rms_eps":1e-4,"tie_word_embeddings":false,"time_step_min":0.01,"time_step_max":0.5,
             "time_step_floor":0.02,"time_step_scale":2,"initializer_range":0.2,"rescale_prenorm_residual":true,"hidden_act":"silu"}
            """);
        Assert.Equal(
            new MambaConfig
            {
                DModel = 10, NumLayers = 2, VocabSize = 7, DState = 3, DConv = 2, Expand = 3, DtRank = 5, UseConvBias = false,
                UseBias = true, NormEpsilon = 1e-3f, NormalizeDtBC = true,
                MixerNormEpsilon = 1e-4f, Head = MambaHead.LanguageModel, TieWordEmbeddings = false, TimeStepMin = 0.01f,
                TimeStepMax = 0.5f, TimeStepFloor = 0.02f, TimeStepScale = 2f,
                InitializerRange = 0.2f, RescalePrenormResidual = true,
            },
            config);
    }

    [Fact]
    public void FromJson_ReadsOriginalConfigs()
    {
        const string Json = """
            {"d_model":768,"n_layer":24,"vocab_size":50277,"ssm_cfg":{"d_state":8,"dt_rank":"auto","dt_min":0.01},"rms_norm":true,
             "residual_in_fp32":true,"fused_add_norm":true,"pad_vocab_size_multiple":8}
            """;
        Assert.Equal(
            new MambaConfig
            {
                DModel = 768, NumLayers = 24, VocabSize = 50280, DState = 8, TimeStepMin = 0.01f, Head = MambaHead.LanguageModel,
                InitializerRange = 0.02f,
            },
            MambaConfig.FromJson(Json));
        Assert.Contains("Mamba2", Error(Json.Replace("\"d_state\"", "\"layer\":\"Mamba2\",\"d_state\"")));
        Assert.Contains("'rms_norm'", Error(Json.Replace("\"rms_norm\":true", "\"rms_norm\":false")));
        Assert.Contains("'attn_layer_idx'", Error(Json.Replace("\"rms_norm\"", "\"attn_layer_idx\":[1],\"rms_norm\"")));
        Assert.Contains("'d_intermediate'", Error(Json.Replace("\"rms_norm\"", "\"d_intermediate\":64,\"rms_norm\"")));
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{}", "lacks 'model_type'")]
    [InlineData("""{"model_type":"mamba2","hidden_size":4}""", "'mamba2'")]
    [InlineData("""{"model_type":7}""", "'model_type'")]
    [InlineData("""{"model_type":"mlnet_mamba","d_model":4}""", "lacks 'format_version'")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":2,"d_model":4}""", "'format_version' 2, of a newer release")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"num_layers":4}""", "lacks 'd_model'")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":4,"num_layers":1,"vocab_size":2,"num_classes":2,"surprise":1}""", "'surprise'")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":4,"num_layers":1,"vocab_size":2,"num_classes":2,"head":"Tagging"}""", "'Tagging'")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":4,"num_layers":1,"vocab_size":2,"num_classes":2,"head":"1"}""", "'head'")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":4,"d_model":4,"num_layers":1}""", "d_model")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":4.5,"num_layers":1}""", "'d_model'")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":99999999999,"num_layers":1}""", "'d_model'")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":-4,"num_layers":1}""", "DModel")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":4,"num_layers":1,"norm_epsilon":1e99}""", "'norm_epsilon'")]
    [InlineData("""{"model_type":"mlnet_mamba","format_version":1,"d_model":4,"num_layers":1,"use_bias":1}""", "'use_bias'")]
    [InlineData("""{"model_type":"mamba","hidden_size":4,"num_hidden_layers":1,"vocab_size":2,"hidden_act":"gelu"}""", "'gelu'")]
    [InlineData("""{"model_type":"mamba","hidden_size":4,"num_hidden_layers":1,"vocab_size":2,"intermediate_size":9}""", "multiple of 'hidden_size' (4); got 9")]
    [InlineData("""{"model_type":"mamba","hidden_size":4,"num_hidden_layers":1,"vocab_size":2,"expand":2,"intermediate_size":9}""", "got 9")]
    [InlineData("""{"model_type":"mamba","hidden_size":4,"num_hidden_layers":1,"vocab_size":2,"time_step_rank":"many"}""", "'time_step_rank'")]
    [InlineData("""{"model_type":"mamba","hidden_size":0,"num_hidden_layers":1,"intermediate_size":0}""", "'hidden_size' (0)")]
    public void FromJson_NamesWhatIsWrong(string json, string named) => Assert.Contains(named, Error(json));

    [Fact]
    public void FromJson_RefusesDeepNesting() => Error("{\"a\":" + new string('[', 100_000));

    [Fact]
    public void Load_RefusesHugeFiles()
    {
        TestFiles.InTemporaryFolder(folder =>
        {
            string path = Path.Combine(folder, "config.json");
            using (FileStream stream = File.Create(path))
                stream.SetLength(1L << 30);
            Assert.Contains("1073741824", Assert.Throws<InvalidDataException>(() => MambaConfig.Load(path)).Message);
        });
    }
}

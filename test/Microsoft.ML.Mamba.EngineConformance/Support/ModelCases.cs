namespace Microsoft.ML.Mamba.EngineConformance.Support;

/// <summary>Small models that together use every option of the configuration.</summary>
public static class ModelCases
{
    private static readonly MambaConfig Tokens = new() { DModel = 6, NumLayers = 2, DState = 3, DConv = 4, VocabSize = 7, NumClasses = 3 };
    private static readonly MambaConfig Frames = Tokens with { VocabSize = 0, InputChannels = 3 };

    public static readonly IReadOnlyDictionary<string, MambaConfig> All = new Dictionary<string, MambaConfig>
    {
        ["tokens-mean"] = Tokens,
        ["tokens-last"] = Tokens with { Pooling = MambaPooling.Last },
        ["tokens-max"] = Tokens with { Pooling = MambaPooling.Max },
        ["tokens-first-tied"] = Tokens with { Pooling = MambaPooling.First, Direction = MambaDirection.BidirectionalTied },
        ["tokens-attention"] = Tokens with { Pooling = MambaPooling.Attention },
        ["tokens-attention-separate"] = Tokens with { Pooling = MambaPooling.Attention, Direction = MambaDirection.BidirectionalSeparate },
        ["frames-mean"] = Frames,
        ["frames-tied"] = Frames with { Direction = MambaDirection.BidirectionalTied },
        ["frames-separate-max"] = Frames with { Direction = MambaDirection.BidirectionalSeparate, Pooling = MambaPooling.Max },
        ["biases"] = Tokens with { UseBias = true },
        ["biases-separate"] = Tokens with { UseBias = true, Direction = MambaDirection.BidirectionalSeparate },
        ["no-conv-bias"] = Tokens with { UseConvBias = false },
        ["no-conv-bias-separate"] = Tokens with { UseConvBias = false, Direction = MambaDirection.BidirectionalSeparate },
        ["falcon"] = Tokens with { NormalizeDtBC = true, MixerNormEpsilon = 1e-3f },
        ["falcon-tied"] = Tokens with { NormalizeDtBC = true, Direction = MambaDirection.BidirectionalTied, DtRank = 2 },
        ["falcon-separate"] = Tokens with { NormalizeDtBC = true, Direction = MambaDirection.BidirectionalSeparate, DtRank = 2 },
        ["conv-1"] = Tokens with { DConv = 1 },
        ["conv-2-state-1"] = Tokens with { DConv = 2, DState = 1 },
        ["conv-6-rank-3"] = Tokens with { DConv = 6, DtRank = 3 },
        ["expand-3"] = Tokens with { Expand = 3, DModel = 5, NormEpsilon = 1e-2f },
        ["no-layers"] = Tokens with { NumLayers = 0 },
        ["positions-few"] = Tokens with { MaxPositions = 2 },
        ["positions-all"] = Tokens with { MaxPositions = 8, Direction = MambaDirection.BidirectionalSeparate, Pooling = MambaPooling.Attention },
        ["positions-spare-tied"] = Tokens with { MaxPositions = 11, Direction = MambaDirection.BidirectionalTied },
        ["positions-frames-few"] = Frames with { MaxPositions = 3, Direction = MambaDirection.BidirectionalSeparate },
        ["positions-frames-all-tied"] = Frames with { MaxPositions = 8, Direction = MambaDirection.BidirectionalTied, Pooling = MambaPooling.Max },
        ["positions-frames-spare"] = Frames with { MaxPositions = 100, Pooling = MambaPooling.Last },
        ["patches"] = Frames with { PatchLength = 3 },
        ["patches-overlap"] = Frames with { PatchLength = 4, PatchStride = 3, MaxPositions = 2, Pooling = MambaPooling.Last },
        ["patches-dense-separate"] = Frames with
        {
            PatchLength = 5, PatchStride = 1, InputChannels = 2, Direction = MambaDirection.BidirectionalSeparate,
            Pooling = MambaPooling.Attention, MaxPositions = 4,
        },
        ["patches-long-tied"] = Frames with { PatchLength = 64, PatchStride = 48, Direction = MambaDirection.BidirectionalTied, Pooling = MambaPooling.Max },
        ["three-layers-binary"] = Tokens with { NumLayers = 3, NumClasses = 2, DModel = 4 },
    };

    /// <summary>Heads other than the classifier; these are not trained.</summary>
    public static readonly IReadOnlyDictionary<string, MambaConfig> OtherHeads = new Dictionary<string, MambaConfig>
    {
        ["hidden"] = Tokens with { Head = MambaHead.None, NumClasses = 0 },
        ["hidden-frames-tied"] = Frames with { Head = MambaHead.None, NumClasses = 0, Direction = MambaDirection.BidirectionalTied },
        ["hidden-positions"] = Frames with { Head = MambaHead.None, NumClasses = 0, MaxPositions = 70 },
        ["language-positions"] = Tokens with { Head = MambaHead.LanguageModel, NumClasses = 0, MaxPositions = 6 },
        ["language-tied"] = Tokens with { Head = MambaHead.LanguageModel, NumClasses = 0 },
        ["language-own"] = Tokens with { Head = MambaHead.LanguageModel, NumClasses = 0, TieWordEmbeddings = false },
    };

    public static MambaConfig Get(string name) => All.TryGetValue(name, out MambaConfig? config) ? config : OtherHeads[name];

    public static TheoryData<string> Classifiers => new(All.Keys);

    public static TheoryData<string> Everything => new(All.Keys.Concat(OtherHeads.Keys));

    public static TheoryData<string> Streamable =>
        new(All.Concat(OtherHeads).Where(item => !item.Value.IsBidirectional && item.Value.PatchLength <= 1).Select(item => item.Key));
}

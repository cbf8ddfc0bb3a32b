namespace Microsoft.ML.Mamba;

public class MambaConfigTests
{
    private static readonly MambaConfig s_valid = new() { VocabSize = 5, NumClasses = 2 };
    private static readonly MambaConfig s_frames = new() { InputChannels = 3, NumClasses = 2 };

    [Fact]
    public void Validate_AcceptsTheLimits()
    {
        s_valid.Validate();
        (s_valid with { NumLayers = 0 }).Validate();
        (s_valid with { DModel = 65_536, DState = 256, DConv = 64, Expand = 64 }).Validate();
        (s_valid with { MaxPositions = 1_048_576 }).Validate();
        (s_valid with { PatchLength = 1, PatchStride = 1 }).Validate();
        (s_frames with { PatchLength = 65_536, PatchStride = 65_536, InputChannels = 16 }).Validate();
        new MambaConfig { InputChannels = 1, Head = MambaHead.None }.Validate();
    }

    public static TheoryData<string, MambaConfig> Invalid => new()
    {
        { "DModel", s_valid with { DModel = 0 } },
        { "DModel", s_valid with { DModel = 65_537 } },
        { "NumLayers", s_valid with { NumLayers = -1 } },
        { "DState", s_valid with { DState = 257 } },
        { "DConv", s_valid with { DConv = 0 } },
        { "Expand", s_valid with { Expand = 65 } },
        { "DtRank", s_valid with { DtRank = -1 } },
        { "VocabSize", s_valid with { VocabSize = -5 } },
        { "InputChannels", s_valid with { InputChannels = 3 } },
        { "VocabSize", s_valid with { VocabSize = 0 } },
        { "MaxPositions", s_valid with { MaxPositions = -1 } },
        { "MaxPositions", s_valid with { MaxPositions = 1_048_577 } },
        { "PatchLength must be 0 to 65536; got -1", s_frames with { PatchLength = -1 } },
        { "PatchLength must be 0 to 65536; got 65537", s_frames with { PatchLength = 65_537 } },
        { "PatchStride must be 0 to 8; got 9", s_frames with { PatchLength = 8, PatchStride = 9 } },
        { "PatchStride must be 0 to 1; got 2", s_frames with { PatchStride = 2 } },
        { "PatchStride must be 0 to 8; got -1", s_frames with { PatchLength = 8, PatchStride = -1 } },
        { "PatchLength (8) is for frames", s_valid with { PatchLength = 8 } },
        { "PatchLength (8) needs a Classification head, as there is an output for each patch but not for each frame; got None",
            s_frames with { PatchLength = 8, Head = MambaHead.None, NumClasses = 0 } },
        { "PatchLength x InputChannels must be at most 1048576; got 65536 x 17", s_frames with { PatchLength = 65_536, InputChannels = 17 } },
        { "NumClasses", s_valid with { NumClasses = 1 } },
        { "NumClasses", s_valid with { Head = MambaHead.None } },
        { "NormEpsilon", s_valid with { NormEpsilon = float.NaN } },
        { "MixerNormEpsilon", s_valid with { MixerNormEpsilon = 0 } },
        { "TimeStepMin", s_valid with { TimeStepMin = 0.2f } },
        { "TimeStepMax", s_valid with { TimeStepMax = float.PositiveInfinity } },
        { "TimeStepFloor", s_valid with { TimeStepFloor = -1 } },
        { "TimeStepScale", s_valid with { TimeStepScale = 0 } },
        { "InitializerRange", s_valid with { InitializerRange = 0 } },
        { "Direction", s_valid with { Direction = (MambaDirection)9 } },
        { "Pooling", s_valid with { Pooling = (MambaPooling)9 } },
        { "Head", s_valid with { Head = (MambaHead)9 } },
        { "LanguageModel", s_valid with { Head = MambaHead.LanguageModel, NumClasses = 0, Direction = MambaDirection.BidirectionalTied } },
        { "LanguageModel", new MambaConfig { InputChannels = 1, Head = MambaHead.LanguageModel } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_NamesWhatIsOutOfRange(string named, MambaConfig config) =>
        Assert.Contains(named, Assert.ThrowsAny<ArgumentException>(config.Validate).Message);

    [Theory]
    [InlineData(16, 1)]
    [InlineData(17, 2)]
    [InlineData(64, 4)]
    public void EffectiveDtRank_IsASixteenthOfDModelRoundedUp(int dModel, int rank)
    {
        Assert.Equal(rank, (s_valid with { DModel = dModel }).EffectiveDtRank);
        Assert.Equal(9, (s_valid with { DModel = dModel, DtRank = 9 }).EffectiveDtRank);
    }

    [Theory]
    [InlineData(0, 0, 7, 7)]
    [InlineData(1, 1, 7, 7)]
    [InlineData(4, 0, 1, 1)]
    [InlineData(4, 0, 4, 1)]
    [InlineData(4, 0, 5, 2)]
    [InlineData(4, 0, 8, 2)]
    [InlineData(4, 0, 9, 3)]
    [InlineData(4, 3, 4, 1)]
    [InlineData(4, 3, 7, 2)]
    [InlineData(4, 3, 8, 3)]
    [InlineData(4, 1, 9, 6)]
    [InlineData(3, 2, int.MaxValue, 1_073_741_823)]
    public void TokensOf_CountsPatches(int patchLength, int patchStride, int length, int tokens) =>
        Assert.Equal(tokens, (s_frames with { PatchLength = patchLength, PatchStride = patchStride }).TokensOf(length));

    [Fact]
    public void TokensOf_NamesAnEmptySequence() =>
        Assert.Contains("length must be at least 1; got 0", Assert.Throws<ArgumentOutOfRangeException>(() => s_valid.TokensOf(0)).Message);

    [Fact]
    public void Patches_ResolveTheirDefaults()
    {
        Assert.Equal((false, 1, 1), Of(s_frames));
        Assert.Equal((false, 1, 1), Of(s_frames with { PatchLength = 1 }));
        Assert.Equal((true, 6, 6), Of(s_frames with { PatchLength = 6 }));
        Assert.Equal((true, 6, 4), Of(s_frames with { PatchLength = 6, PatchStride = 4 }));
        Assert.Equal([64, 18], MambaParameters.List(s_frames with { PatchLength = 6 })[0].Shape);

        static (bool, int, int) Of(MambaConfig config) => (config.HasPatches, config.EffectivePatchLength, config.EffectivePatchStride);
    }

    [Fact]
    public void Parameters_OfPositionsFollowTheInputAndDoNotDecay()
    {
        Assert.DoesNotContain(MambaParameters.List(s_valid), parameter => parameter.Name.Contains("position"));
        MambaParameter tokens = MambaParameters.List(s_valid with { MaxPositions = 7 })[1];
        MambaParameter frames = MambaParameters.List(new MambaConfig { InputChannels = 3, NumClasses = 2, MaxPositions = 7 })[2];
        Assert.All([tokens, frames], parameter =>
        {
            Assert.Equal("backbone.position_embeddings.weight", parameter.Name);
            Assert.Equal([7, 64], parameter.Shape);
            Assert.False(parameter.Decays);
        });
    }

    [Fact]
    public void Parameters_CheckNamesWhatDiffers()
    {
        MambaWeights weights = MambaInitializer.Create(s_valid, 1);
        MambaParameters.Check(s_valid, weights);
        MambaWeights surplus = weights.Clone();
        surplus.Add(new MambaTensor("surplus", [1], [1]));
        Assert.Contains("'surplus'", Assert.Throws<ArgumentException>(() => MambaParameters.Check(s_valid, surplus)).Message);
        Assert.Contains("classifier.weight", Assert.Throws<ArgumentException>(() => MambaParameters.Check(s_valid with { NumClasses = 3 }, weights)).Message);
        Assert.Contains(
            "lack 'pooler.query'",
            Assert.Throws<ArgumentException>(() => MambaParameters.Check(s_valid with { Pooling = MambaPooling.Attention }, weights))
            .Message);
    }
}

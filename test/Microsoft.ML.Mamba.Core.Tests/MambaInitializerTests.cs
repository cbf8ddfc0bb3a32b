namespace Microsoft.ML.Mamba;

public class MambaInitializerTests
{
    private static readonly MambaConfig s_config = new()
    {
        DModel = 64, NumLayers = 4, VocabSize = 50, NumClasses = 3, Direction = MambaDirection.BidirectionalSeparate,
        Pooling = MambaPooling.Attention, UseBias = true,
    };

    private static float[] Values(MambaConfig config, string name, int seed = 1) => MambaInitializer.Create(config, seed)[name].Values;

    private static double StandardDeviation(float[] values) => Math.Sqrt(values.Average(value => (double)value * value));

    private static void AssertUniform(float[] values, double bound)
    {
        Assert.All(values, value => Assert.InRange(value, -bound, bound));
        Assert.InRange(StandardDeviation(values), bound / Math.Sqrt(3) * 0.9, bound / Math.Sqrt(3) * 1.1);
    }

    [Fact]
    public void Create_GivesExactlyTheParametersOfEveryKindOfModel()
    {
        foreach (MambaDirection direction in Enum.GetValues<MambaDirection>())
        {
            MambaConfig config = s_config with { Direction = direction };
            MambaParameters.Check(config, MambaInitializer.Create(config, 1));
            MambaConfig frames = config with { VocabSize = 0, InputChannels = 3, MaxPositions = 9, Head = MambaHead.None, NumClasses = 0 };
            MambaParameters.Check(frames, MambaInitializer.Create(frames, 1));
        }

        var language = new MambaConfig { VocabSize = 10, Head = MambaHead.LanguageModel, TieWordEmbeddings = false };
        MambaParameters.Check(language, MambaInitializer.Create(language, 1));
    }

    [Fact]
    public void Create_DependsOnTheSeedAlone()
    {
        Assert.Equal(Values(s_config, "backbone.embeddings.weight"), Values(s_config, "backbone.embeddings.weight"));
        Assert.NotEqual(Values(s_config, "backbone.embeddings.weight"), Values(s_config, "backbone.embeddings.weight", 2));
    }

    [Fact]
    public void AnotherParameter_ChangesNoOther()
    {
        MambaWeights one = MambaInitializer.Create(s_config, 1);
        MambaConfig other = s_config with
        {
            NumLayers = 5, MaxPositions = 9, UseBias = false, Direction = MambaDirection.Forward, RescalePrenormResidual = false,
            Pooling = MambaPooling.Mean,
        };
        MambaWeights two = MambaInitializer.Create(other, 1);
        string[] shared = [.. two.Select(tensor => tensor.Name).Where(name => one.TryGet(name, out _) && !name.Contains("out_proj"))];
        Assert.True(shared.Length > 30);
        Assert.All(shared, name => Assert.Equal(one[name].Values, two[name].Values));
    }

    [Theory]
    [InlineData("A_log")]
    [InlineData("A_b_log")]
    public void ALog_IsS4dReal(string name)
    {
        float[] values = Values(s_config, "backbone.layers.2.mixer." + name);
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(Math.Log(i % s_config.DState + 1), values[i], 1e-6);
    }

    [Theory]
    [InlineData("dt_proj")]
    [InlineData("dt_proj_b")]
    public void DtBias_GivesLogUniformDelta(string name)
    {
        MambaConfig config = s_config with { DModel = 1024, NumLayers = 1 };
        double[] delta = [.. Values(config, $"backbone.layers.0.mixer.{name}.bias").Select(bias => Math.Log(1 + Math.Exp((double)bias)))];
        Assert.All(delta, value => Assert.InRange(value, 0.001 * 0.9999, 0.1 * 1.0001));
        // Log-uniform: each third of the decades holds a third of the values.
        Assert.InRange(delta.Count(value => value < Math.Pow(10, -3 + 2 / 3.0)) / (double)delta.Length, 0.29, 0.38);
        Assert.InRange(delta.Count(value => value > Math.Pow(10, -1 - 2 / 3.0)) / (double)delta.Length, 0.29, 0.38);
    }

    [Fact]
    public void DtBias_KeepsTheFloorAndTinySteps()
    {
        float[] floored = Values(s_config with { TimeStepFloor = 0.05f }, "backbone.layers.0.mixer.dt_proj.bias");
        double[] delta = [.. floored.Select(bias => Math.Log(1 + Math.Exp((double)bias)))];
        Assert.Equal(0.05, delta.Min(), 1e-6);
        Assert.Contains(delta, value => value > 0.06);
        float[] tiny = Values(s_config with { TimeStepMin = 1e-6f, TimeStepMax = 1e-6f, TimeStepFloor = 1e-9f }, "backbone.layers.0.mixer.dt_proj.bias");
        Assert.All(tiny, bias => Assert.Equal(Math.Log(Math.Exp(1e-6) - 1), bias, 1e-5));
    }

    [Fact]
    public void Matrices_HaveTheirBounds()
    {
        const string Mixer = "backbone.layers.1.mixer.";
        AssertUniform(Values(s_config, Mixer + "in_proj.weight"), 1 / Math.Sqrt(64));
        AssertUniform(Values(s_config, Mixer + "x_proj_b.weight"), 1 / Math.Sqrt(128));
        AssertUniform(Values(s_config, Mixer + "dt_proj.weight"), 1 / Math.Sqrt(4));
        AssertUniform(Values(s_config with { TimeStepScale = 0.25f }, Mixer + "dt_proj.weight"), 0.25 / Math.Sqrt(4));
        AssertUniform(Values(s_config, Mixer + "conv1d_b.weight"), 1 / Math.Sqrt(4));
        AssertUniform(Values(s_config, Mixer + "conv1d.bias"), 1 / Math.Sqrt(4));
        AssertUniform(Values(s_config, Mixer + "out_proj.weight"), 1 / Math.Sqrt(128) / 2);
        AssertUniform(Values(s_config with { RescalePrenormResidual = false }, Mixer + "out_proj.weight"), 1 / Math.Sqrt(128));
        AssertUniform(Values(s_config, "classifier.weight"), 1 / Math.Sqrt(64));
        Assert.InRange(StandardDeviation(Values(s_config, "backbone.embeddings.weight")), 0.095, 0.105);
        Assert.InRange(StandardDeviation(Values(s_config with { InitializerRange = 0.5f }, "backbone.embeddings.weight")), 0.475, 0.525);
        Assert.InRange(StandardDeviation(Values(s_config with { InitializerRange = 0.5f, MaxPositions = 60 }, "backbone.position_embeddings.weight")), 0.475, 0.525);
    }

    [Theory]
    // Weights as torch's default, but of no larger deviation than embeddings.
    [InlineData(1, 0, 0.1f, 0.1)]
    [InlineData(1, 0, 0.5f, 0.5)]
    [InlineData(3, 8, 0.1f, 0.1)]
    [InlineData(3, 0, 2f, 1 / 3.0)]
    [InlineData(120, 0, 0.1f, 0.0527)]
    [InlineData(30, 4, 0.1f, 0.0527)]
    public void Frames_DoNotDrownPositions(int channels, int patch, float range, double deviation)
    {
        MambaConfig config = s_config with { DModel = 1024, VocabSize = 0, InputChannels = channels, PatchLength = patch, InitializerRange = range };
        AssertUniform(Values(config, "backbone.input_projection.weight"), deviation * Math.Sqrt(3) * 1.001);
        Assert.InRange(StandardDeviation(Values(config, "backbone.input_projection.bias")), range * 0.9, range * 1.1);
    }

    [Theory]
    [InlineData("backbone.layers.0.norm.weight", 1)]
    [InlineData("backbone.norm_f.weight", 1)]
    [InlineData("backbone.layers.0.mixer.D", 1)]
    [InlineData("backbone.layers.0.mixer.D_b", 1)]
    [InlineData("backbone.layers.0.mixer.in_proj.bias", 0)]
    [InlineData("backbone.layers.0.mixer.out_proj.bias", 0)]
    [InlineData("classifier.bias", 0)]
    [InlineData("pooler.query", 0)]
    public void Vectors_AreConstant(string name, float expected) => Assert.All(Values(s_config, name), value => Assert.Equal(expected, value));

    [Fact]
    public void Create_RefusesAnInvalidConfiguration() => Assert.ThrowsAny<ArgumentException>(() => MambaInitializer.Create(s_config with { DModel = 0 }, 1));
}

using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.Safetensors;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>Tiny checkpoints in the Hugging Face layout with what the reference implementation computed from them.</summary>
public abstract class GoldenSuite : EngineTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("mamba")]
    [InlineData("falcon_mamba")]
    public void Forward_MatchesUpstreamGolden(string name)
    {
        using SafetensorsFile expected = Expected(name);
        using IMambaModel model = Load(name);
        SequenceBatch batch = SequenceBatch.FromTokens(expected.Read<int>("input_ids"), new[] { 0, 45, 90 });
        Close.Values(expected.ReadSingle("logits"), Forward(model, batch), Tolerance, "logits");
        float[] hidden = new float[90 * model.Config.DModel];

        // The reference implementation collects hidden states after each block, so that number 1 is the second block's.
        model.ForwardHidden(batch, 2, hidden);
        Close.Values(expected.ReadSingle("hidden_1"), hidden, Tolerance, "hidden_1");
        model.ForwardHidden(batch, -1, hidden);
        Close.Values(expected.ReadSingle("last_hidden"), hidden, Tolerance, "last_hidden");
    }

    [Theory]
    [InlineData("mamba")]
    [InlineData("falcon_mamba")]
    public void Step_ContinuesGreedilyAsUpstream(string name)
    {
        using SafetensorsFile expected = Expected(name);
        using IMambaModel model = Load(name);
        int[] prompt = expected.Read<int>("prompt"), greedy = expected.Read<int>("greedy");
        var written = new List<int>(prompt);
        using MambaState state = model.CreateState();
        float[] logits = new float[model.Config.VocabSize];
        for (int t = 0; t < greedy.Length - 1; t++)
        {
            model.Step(state, SequenceBatch.FromTokens(new[] { written[t] }), logits);
            if (t + 1 >= prompt.Length)
                written.Add(logits.AsSpan().IndexOf(logits.Max()));
        }

        Assert.Equal(greedy, written);
    }

    private static string PathOf(string name, string file) => Path.Combine(AppContext.BaseDirectory, "Golden", name, file);

    private static SafetensorsFile Expected(string name) => SafetensorsFile.Open(PathOf(name, "expected.safetensors"));

    private IMambaModel Load(string name)
    {
        MambaConfig config = MambaConfig.Load(PathOf(name, "config.json"));
        return Engine.CreateModel(config, MambaWeightsFile.Load(PathOf(name, "model.safetensors"), config));
    }
}

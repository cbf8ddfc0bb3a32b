using Microsoft.ML.Mamba.EngineConformance.Reference;
using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.EngineConformance;

/// <summary>What all suites share. An engine's test project derives one class from each suite.</summary>
public abstract class EngineTests
{
    /// <summary>The engine under test.</summary>
    protected abstract IMambaEngine Engine { get; }

    /// <summary>Relative error of a forward pass in float32 over a few small layers.</summary>
    protected virtual double ForwardTolerance => 1e-4;

    /// <summary>Error of a float32 gradient relative to its tensor's largest element; a chain of several hundred roundings.</summary>
    protected virtual double GradientTolerance => 3e-4;

    /// <summary>0 where a sequence's result must not depend on its neighbours by a single bit.</summary>
    protected virtual double PackedTolerance => 0;

    /// <summary>Streaming regroups no sum, but an engine may block its matrix products otherwise for short chunks.</summary>
    protected virtual double StreamingTolerance => 1e-5;

    protected IMambaModel CreateModel(MambaConfig config, int seed = 1) => Engine.CreateModel(config, RandomWeights.Create(config, seed));

    protected static float[] Forward(IMambaModel model, SequenceBatch batch)
    {
        float[] output = new float[RandomBatches.OutputLength(model.Config, batch)];
        output.AsSpan().Fill(float.NaN);
        model.Forward(batch, output);
        return output;
    }

    protected static double[] ReferenceForward(MambaConfig config, SequenceBatch batch, int seed = 1) =>
        new ReferenceModel(config, RandomWeights.Create(config, seed)).Forward(batch);

    protected static void Equal(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        if (tolerance == 0)
            Close.Bits(expected, actual, what);
        else
            Close.Values(expected, actual, tolerance, what);
    }

    protected static void SameWeights(MambaWeights expected, MambaWeights actual)
    {
        Assert.Equal(expected.Select(tensor => tensor.Name), actual.Select(tensor => tensor.Name));
        foreach (MambaTensor tensor in expected)
        {
            Assert.Equal(tensor.Shape.ToArray(), actual[tensor.Name].Shape.ToArray());
            Close.Bits(tensor.Values, actual[tensor.Name].Values, tensor.Name);
        }
    }
}

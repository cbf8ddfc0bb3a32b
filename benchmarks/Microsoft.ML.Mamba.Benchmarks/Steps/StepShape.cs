using Microsoft.ML.Mamba.Benchmarks.Operators;

namespace Microsoft.ML.Mamba.Benchmarks.Steps;

/// <summary>A training step: a model, and a batch of sequences of equal length.</summary>
internal sealed record StepShape(string Name, MambaConfig Config, int Sequences, int Length)
{
    public int Tokens => Sequences * Length;

    public int Parameters => MambaParameters.List(Config).Sum(parameter => parameter.Length);

    /// <summary>Every operator of the step with how often it runs; what is left of the step is overhead.</summary>
    public IEnumerable<(int Times, OperatorCase Operator)> Operators()
    {
        MambaConfig c = Config;
        int layers = c.NumLayers, directions = c.IsBidirectional ? 2 : 1, scans = layers * directions;
        int inner = c.DInner, projected = c.EffectiveDtRank + 2 * c.DState;
        bool gated = !c.IsBidirectional;

        yield return (1, ElementwiseCases.EmbeddingForward(Tokens, c.DModel, c.VocabSize));
        yield return (1, ElementwiseCases.EmbeddingBackward(Tokens, c.DModel, c.VocabSize));
        yield return (layers + 1, NormCases.Forward(Tokens, c.DModel));
        yield return (layers + 1, NormCases.Backward(Tokens, c.DModel));
        foreach ((int times, int inputs, int outputs) in new[]
        {
            (layers, c.DModel, 2 * inner), (scans, inner, projected), (scans, c.EffectiveDtRank, inner), (layers, inner, c.DModel),
        })
        {
            foreach (OperatorCase product in GemmCases.Linear(Tokens, inputs, outputs))
                yield return (times, product);
        }

        yield return (scans, ConvCases.Forward(Tokens, Sequences, inner, c.DConv));
        yield return (scans, ConvCases.Backward(Tokens, Sequences, inner, c.DConv));
        yield return (scans, ScanCases.Forward(Tokens, Sequences, inner, c.DState, gated));
        yield return (scans, ScanCases.Backward(Tokens, Sequences, inner, c.DState, gated));
        if (!gated)
        {
            yield return (layers, ElementwiseCases.GateForward(Tokens, inner));
            yield return (layers, ElementwiseCases.GateBackward(Tokens, inner));
        }

        yield return (layers, ElementwiseCases.ResidualAddition(Tokens, c.DModel));
        yield return (1, ElementwiseCases.PoolingForward(c.Pooling, Tokens, Sequences, c.DModel));
        yield return (1, ElementwiseCases.PoolingBackward(c.Pooling, Tokens, Sequences, c.DModel));
        yield return (1, ElementwiseCases.Norm(Parameters));
        yield return (1, ElementwiseCases.Optimizer(Parameters));
    }
}

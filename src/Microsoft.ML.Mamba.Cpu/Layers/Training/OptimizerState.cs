using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>AdamW's moments and step over flat buffers, and clipping by norm.</summary>
internal sealed class OptimizerState(ParameterLayout layout, MambaTrainingSettings settings) : IDisposable
{
    private const int LargestRange = 1 << 30;
    private readonly ParameterBuffer _first = new(layout);
    private readonly ParameterBuffer _second = new(layout);

    public int StepCount { get; private set; }

    /// <summary>Euclidean norm of all gradients.</summary>
    public double NormOf(ParameterBuffer gradients, CpuParallel parallel)
    {
        double square = 0;
        for (long start = 0; start < layout.Length; start += LargestRange)
        {
            double norm = GradientNorm.Compute(gradients.Range(start, LengthFrom(start)), parallel);
            square += norm * norm;
        }

        return Math.Sqrt(square);
    }

    /// <summary>Clips and makes one step.</summary>
    public void Apply(ParameterBuffer weights, ParameterBuffer gradients, double gradientNorm, float learningRate, CpuParallel parallel)
    {
        float scale = gradientNorm > settings.MaxGradientNorm ? (float)(settings.MaxGradientNorm / gradientNorm) : 1f;
        var adam = new AdamWSettings(
            StepCount + 1, learningRate, settings.Beta1, settings.Beta2, settings.AdamEpsilon, settings.WeightDecay, scale);
        for (long start = 0; start < layout.Length; start += LargestRange)
        {
            int length = LengthFrom(start);
            var decayed = new ParameterRange(0, (int)Math.Clamp(layout.DecayingLength - start, 0, length));
            AdamW.Step(
                adam, weights.Range(start, length), gradients.Range(start, length), _first.Range(start, length), _second.Range(start, length),
                new ReadOnlySpan<ParameterRange>(in decayed), parallel);
        }

        StepCount++;
    }

    public MambaWeights Export()
    {
        var state = new MambaWeights();
        _first.AddTo(state, OptimizerStateTensors.FirstPrefix);
        _second.AddTo(state, OptimizerStateTensors.SecondPrefix);
        state.Add(OptimizerStateTensors.Step(StepCount));
        return state;
    }

    /// <exception cref="ArgumentException">A tensor is missing, superfluous or of another shape, or the step is no step.</exception>
    public void Import(MambaWeights state)
    {
        int step = OptimizerStateTensors.Check(layout.Parameters, state);
        _first.CopyFrom(state, OptimizerStateTensors.FirstPrefix);
        _second.CopyFrom(state, OptimizerStateTensors.SecondPrefix);
        StepCount = step;
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    private int LengthFrom(long start) => (int)Math.Min(layout.Length - start, LargestRange);
}

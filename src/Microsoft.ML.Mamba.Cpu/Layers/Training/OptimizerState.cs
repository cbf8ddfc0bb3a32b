using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>AdamW's moments and step over flat buffers, and clipping by norm.</summary>
internal sealed class OptimizerState(ParameterLayout layout, MambaTrainingSettings settings) : IDisposable
{
    private const string FirstPrefix = "exp_avg.";
    private const string SecondPrefix = "exp_avg_sq.";
    private const string StepName = "step";
    private const int LargestStep = 1 << 24;
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
        _first.AddTo(state, FirstPrefix);
        _second.AddTo(state, SecondPrefix);
        state.Add(new MambaTensor(StepName, [], [StepCount]));
        return state;
    }

    /// <exception cref="ArgumentException">A tensor is missing, superfluous or of another shape, or the step is no step.</exception>
    public void Import(MambaWeights state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var names = new HashSet<string>(StringComparer.Ordinal) { StepName };
        foreach (MambaParameter parameter in layout.Parameters)
        {
            foreach (string prefix in new[] { FirstPrefix, SecondPrefix })
            {
                names.Add(prefix + parameter.Name);
                CheckShape(state, prefix + parameter.Name, [.. parameter.Shape]);
            }
        }

        CheckShape(state, StepName, []);
        if (state.FirstOrDefault(tensor => !names.Contains(tensor.Name)) is { } extra)
            throw new ArgumentException($"The optimizer state has no tensor '{extra.Name}'.", nameof(state));
        float step = state[StepName].Values[0];
        if (!(step >= 0 && step <= LargestStep) || step != MathF.Truncate(step))
            throw new ArgumentException($"'{StepName}' must be a whole number from 0 to {LargestStep}; got {step}.", nameof(state));
        _first.CopyFrom(state, FirstPrefix);
        _second.CopyFrom(state, SecondPrefix);
        StepCount = (int)step;
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    private static void CheckShape(MambaWeights state, string name, int[] shape)
    {
        if (!state.TryGet(name, out MambaTensor? tensor))
            throw new ArgumentException($"The optimizer state lacks '{name}' of shape [{string.Join(", ", shape)}].", nameof(state));
        if (!tensor.Shape.SequenceEqual(shape))
        {
            throw new ArgumentException(
                $"'{name}' must have shape [{string.Join(", ", shape)}]; got [{string.Join(", ", tensor.Shape.ToArray())}].", nameof(state));
        }
    }

    private int LengthFrom(long start) => (int)Math.Min(layout.Length - start, LargestRange);
}

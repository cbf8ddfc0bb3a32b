using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>AdamW's moments and step over flat tensors on the device, and clipping by norm; the same formula as the CPU engine's <c>AdamW</c>.</summary>
internal sealed class OptimizerState(ParameterLayout layout, MambaTrainingSettings settings, Device device) : IDisposable
{
    private const string FirstPrefix = "exp_avg.";
    private const string SecondPrefix = "exp_avg_sq.";
    private const string StepName = "step";
    private const int LargestStep = 1 << 24;
    private readonly FlatTensor _first = new(layout, device);
    private readonly FlatTensor _second = new(layout, device);

    public int StepCount { get; private set; }

    /// <summary>Clips and makes one step.</summary>
    /// <param name="store">The weights, which are updated with what is derived from them.</param>
    /// <param name="gradients">Read.</param>
    /// <param name="gradientNorm">Their Euclidean norm.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="kernels">The device's.</param>
    public void Apply(ParameterStore store, FlatTensor gradients, double gradientNorm, float learningRate, FusedKernels kernels)
    {
        float scale = gradientNorm > settings.MaxGradientNorm ? (float)(settings.MaxGradientNorm / gradientNorm) : 1f;
        var adam = new AdamWSettings(StepCount + 1, learningRate, settings.Beta1, settings.Beta2, settings.AdamEpsilon, settings.WeightDecay, scale);
        kernels.AdamW(adam, new AdamWTensors(store.Weights.Values, gradients.Values, _first.Values, _second.Values, layout.DecayingLength, store.Reduced));
        store.StepTaken();
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
}

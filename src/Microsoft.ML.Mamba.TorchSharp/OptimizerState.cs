using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>AdamW's moments and step over flat tensors on the device, and clipping by norm; the same formula as the CPU engine's <c>AdamW</c>.</summary>
internal sealed class OptimizerState(ParameterLayout layout, MambaTrainingSettings settings, Device device) : IDisposable
{
    private const string FirstPrefix = "exp_avg.";
    private const string SecondPrefix = "exp_avg_sq.";
    private const string StepName = "step";
    private const int LargestStep = 1 << 24;
    private const long NormPiece = 1L << 24;
    private readonly FlatTensor _first = new(layout, device);
    private readonly FlatTensor _second = new(layout, device);

    public int StepCount { get; private set; }

    /// <summary>Euclidean norm of all gradients, a float64 scalar on the device.</summary>
    public static Tensor NormOf(FlatTensor gradients)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor square = zeros(Array.Empty<long>(), dtype: ScalarType.Float64, device: gradients.Values.device);
        long length = gradients.Layout.Length;
        // In double, so that no finite gradient overflows; in pieces, so that the double copy stays small.
        for (long start = 0; start < length; start += NormPiece)
        {
            using DisposeScope pieceScope = NewDisposeScope();
            Tensor piece = gradients.Values.narrow(0, start, Math.Min(NormPiece, length - start)).to(ScalarType.Float64);
            square.add_(piece.mul_(piece).sum());
        }

        return square.sqrt().MoveToOuterDisposeScope();
    }

    /// <summary>Clips and makes one step; the gradients are scaled in place.</summary>
    public void Apply(FlatTensor weights, FlatTensor gradients, double gradientNorm, float learningRate)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor gradient = gradients.Values, first = _first.Values, second = _second.Values;
        if (gradientNorm > settings.MaxGradientNorm)
            gradient.mul_((float)(settings.MaxGradientNorm / gradientNorm));
        int step = StepCount + 1;
        float rate = (float)(learningRate / (1 - Math.Pow(settings.Beta1, step)));
        float correction = (float)(1 / Math.Sqrt(1 - Math.Pow(settings.Beta2, step)));
        float keep = (float)(1 - (double)learningRate * settings.WeightDecay);
        first.mul_(settings.Beta1).add_(gradient, alpha: 1f - settings.Beta1);
        second.mul_(settings.Beta2).addcmul_(gradient, gradient, 1f - settings.Beta2);
        Tensor divisor = second.sqrt().mul_(correction).add_(settings.AdamEpsilon);
        if (keep != 1)
            weights.Values.narrow(0, 0, layout.DecayingLength).mul_(keep);
        weights.Values.addcdiv_(first, divisor, -rate);
        StepCount = step;
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

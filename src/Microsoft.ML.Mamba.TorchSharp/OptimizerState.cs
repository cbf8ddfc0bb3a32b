using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>AdamW's moments and step over flat tensors on the device, and clipping by norm; the same formula as the CPU engine's <c>AdamW</c>.</summary>
internal sealed class OptimizerState(ParameterLayout layout, MambaTrainingSettings settings, Device device) : IDisposable
{
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
}

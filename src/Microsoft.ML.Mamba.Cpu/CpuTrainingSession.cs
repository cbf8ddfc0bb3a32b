using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.Cpu;

/// <summary>Trains a model in place. Gradients and moments are flat buffers like the weights; everything else lives in one arena.</summary>
internal sealed partial class CpuTrainingSession : IMambaTrainingSession
{
    private readonly CpuMambaModel _model;
    private readonly ModelCore _core;
    private readonly TrainingPass _pass;
    private readonly OptimizerState _optimizer;
    private readonly AverageState _average;
    private readonly ParameterBuffer _gradients;
    private readonly NativeArena _arena = new();
    private readonly int _backpropagationLength;
    private bool _disposed;

    public CpuTrainingSession(CpuMambaModel model, MambaTrainingSettings settings)
    {
        _model = model;
        _core = model.Core;
        _backpropagationLength = settings.BackpropagationLength;
        _gradients = new ParameterBuffer(_core.Layout);
        _optimizer = new OptimizerState(_core.Layout, settings);
        _average = new AverageState(_core.Layout);
        _pass = new TrainingPass(_core, settings, new ModelParameters(_core.Config, _gradients));
    }

    public int StepCount => _optimizer.StepCount;

    /// <summary>Gradients of the last step, before clipping.</summary>
    internal ParameterBuffer Gradients => _gradients;

    /// <summary>Bytes that steps have needed so far for what is between the two passes, and up to as much again.</summary>
    internal long ArenaBytes => _arena.Capacity;

    public MambaStepResult TrainStep(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = Enter();
        BatchCheck.Validate(_core.Config, batch);
        BatchCheck.ValidateTargets(_core.Config, batch, targets);
        BatchCheck.ValidateLearningRate(learningRate);
        cancellationToken.ThrowIfCancellationRequested();
        return Step(batch, targets, learningRate, cancellationToken);
    }

    public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = Enter();
        _model.ForwardCore(batch, output, cancellationToken);
    }

    public MambaWeights ExportWeights()
    {
        using CallGate.Call call = Enter();
        return _core.Export();
    }

    public void ImportWeights(MambaWeights weights)
    {
        using CallGate.Call call = Enter();
        MambaParameters.Check(_core.Config, weights);
        _core.Import(weights);
    }

    public MambaWeights ExportOptimizerState()
    {
        using CallGate.Call call = Enter();
        return _optimizer.Export();
    }

    public void ImportOptimizerState(MambaWeights state)
    {
        using CallGate.Call call = Enter();
        _optimizer.Import(state);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _model.EndTraining();
        _gradients.Dispose();
        _optimizer.Dispose();
        _average.Dispose();
        _arena.Dispose();
    }

    private MambaStepResult Step(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate, CancellationToken cancellationToken)
    {
        _arena.Reset();
        ReadOnlySpan<int> offsets = TokenOffsets.Of(_core.Config, batch, _arena);
        BufferLimit.CheckTraining(_core.Config, offsets, _backpropagationLength);
        _gradients.Clear();
        var context = new LayerContext { Config = _core.Config, Arena = _arena, Parallel = _core.Parallel, UsesPackedWeights = false, Offsets = offsets };
        float loss = (float)_pass.Forward(context, batch, targets, StepCount, cancellationToken);
        if (!float.IsFinite(loss))
            return new MambaStepResult(loss, float.NaN);
        _pass.Backward(context, batch, StepCount, cancellationToken);
        double norm = _optimizer.NormOf(_gradients, _core.Parallel);
        var result = new MambaStepResult(loss, (float)norm);
        if (result.IsFinite)
        {
            _optimizer.Apply(_core.Weights, _gradients, norm, learningRate, _core.Parallel);
            _core.WeightsChanged();
        }

        return result;
    }

    private CallGate.Call Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _model.Gate.Enter();
    }
}

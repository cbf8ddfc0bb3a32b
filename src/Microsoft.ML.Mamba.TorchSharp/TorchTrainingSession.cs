using Microsoft.ML.Mamba.Cpu;
using Microsoft.ML.Mamba.TorchSharp.Passes;
using BufferLimit = Microsoft.ML.Mamba.Cpu.Layers.BufferLimit;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>Trains a model in place. Gradients, moments and the average are flat tensors like the weights, on their device.</summary>
internal sealed partial class TorchTrainingSession : IMambaTrainingSession
{
    private readonly TorchMambaModel _model;
    private readonly ModelCore _core;
    private readonly TrainingPass _pass;
    private readonly OptimizerState _optimizer;
    private readonly FlatTensor _gradients;
    private FlatTensor? _average;
    private readonly int _backpropagationLength;
    private bool _disposed;

    public TorchTrainingSession(TorchMambaModel model, MambaTrainingSettings settings)
    {
        _model = model;
        _backpropagationLength = settings.BackpropagationLength;
        _core = model.Core;
        _gradients = new FlatTensor(_core.Store.Layout, _core.Device);
        _optimizer = new OptimizerState(_core.Store.Layout, settings, _core.Device);
        _pass = new TrainingPass(_core, settings);
        _core.Store.SetGradients(_gradients);
        SetHeadGradients(wanted: true);
    }

    public int StepCount => _optimizer.StepCount;

    /// <summary>Gradients of the last step, before clipping.</summary>
    internal FlatTensor Gradients => _gradients;

    public MambaStepResult TrainStep(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = Enter();
        try
        {
            BatchCheck.Validate(_core.Config, batch);
            BatchCheck.ValidateTargets(_core.Config, batch, targets);
            BatchCheck.ValidateLearningRate(learningRate);
            if (_core.Device.type == DeviceType.CPU)
                BufferLimit.CheckTraining(_core.Config, BlockOffsets.Of(_core.Config, batch), _backpropagationLength);
            cancellationToken.ThrowIfCancellationRequested();
            return Step(batch, targets, learningRate, cancellationToken);
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception))
        {
            throw DeviceMemory.Exhausted(
                exception, $"for a training step over {batch.Count} sequences of {batch.TokenCount} tokens together",
                "MaxBatchTokens or BatchSize, or set BackpropagationLength");
        }
    }

    public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = Enter();
        _model.ForwardCore(batch, output, cancellationToken);
    }

    public MambaWeights ExportWeights()
    {
        using CallGate.Call call = Enter();
        return _core.Store.Export();
    }

    public void ImportWeights(MambaWeights weights)
    {
        using CallGate.Call call = Enter();
        MambaParameters.Check(_core.Config, weights);
        _core.Store.Import(weights);
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
        SetHeadGradients(wanted: false);
        _core.Store.SetGradients(null);
        _gradients.Dispose();
        _optimizer.Dispose();
        _average?.Dispose();
    }

    private MambaStepResult Step(SequenceBatch batch, ReadOnlySpan<int> targets, float learningRate, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        _gradients.Values.zero_();
        Tensor loss = _pass.Run(batch, targets, StepCount, cancellationToken), norm = _core.Kernels.Norm(_gradients.Values);
        // One transfer for both numbers: the device works on while nothing is asked of it.
        Tensor both = stack([loss, norm]).cpu();
        (double lossValue, double normValue) = (both[0].item<double>(), both[1].item<double>());
        var result = new MambaStepResult((float)lossValue, double.IsFinite(lossValue) ? (float)normValue : float.NaN);
        if (result.IsFinite)
        {
            _optimizer.Apply(_core.Store, _gradients, normValue, learningRate, _core.Kernels);
        }

        return result;
    }

    /// <summary>The head is left to torch's own autograd, which adds to these parameters' gradients.</summary>
    private void SetHeadGradients(bool wanted)
    {
        foreach (ParameterSlot? slot in new[] { _core.Network.Pooler?.Weight, _core.Network.Classifier!.Weight, _core.Network.Classifier.Bias })
        {
            if (slot is null)
                continue;
            slot.Value.requires_grad_(wanted);
            slot.Value.grad = wanted ? slot.Gradient : null;
        }
    }

    private CallGate.Call Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _model.Gate.Enter();
    }
}

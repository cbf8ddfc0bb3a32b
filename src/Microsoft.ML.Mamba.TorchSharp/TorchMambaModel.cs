using Microsoft.ML.Mamba.Cpu;
using Microsoft.ML.Mamba.TorchSharp.Kernels;
using Microsoft.ML.Mamba.TorchSharp.Passes;
using BufferLimit = Microsoft.ML.Mamba.Cpu.Layers.BufferLimit;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>A model in tensors of its own. Any number of calls may run at once.</summary>
internal sealed class TorchMambaModel : IMambaModel
{
    private readonly CallGate _gate;
    private TorchTrainingSession? _session;

    public TorchMambaModel(MambaConfig config, MambaWeights weights, Device device, FusedKernels kernels)
    {
        Core = DeviceMemory.Guard(
            () => new ModelCore(config, weights, device, kernels), () => $"for a model of {weights.ValueCount} weights", "DModel or NumLayers");
        _gate = new CallGate(this, Free);
    }

    public MambaConfig Config => Core.Config;

    public ModelCore Core { get; }

    /// <summary>Keeps the model's memory while a session's call runs.</summary>
    internal CallGate Gate => _gate;

    public void Forward(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = _gate.Enter();
        ThrowIfTraining();
        ForwardCore(batch, output, cancellationToken);
    }

    public void ForwardHidden(SequenceBatch batch, int layer, Span<float> hidden, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = _gate.Enter();
        ThrowIfTraining();
        BatchCheck.Validate(Config, batch);
        BatchCheck.ValidateLayer(Config, layer);
        BatchCheck.ValidateOutput(
            hidden.Length, BlockOffsets.Of(Config, batch)[^1], Config.DModel, Config.HasPatches ? "tokens of all sequences, DModel" : "TokenCount, DModel",
            nameof(hidden));
        Run(batch, layer, null, hidden, cancellationToken);
    }

    public void ForwardPooled(SequenceBatch batch, Span<float> pooled, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = _gate.Enter();
        ThrowIfTraining();
        BatchCheck.ValidatePooled(Config, batch, pooled);
        Run(batch, InferencePass.Pooled, null, pooled, cancellationToken);
    }

    public void Saliency(
        SequenceBatch batch, ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = _gate.Enter();
        try
        {
            ThrowIfTraining();
            BatchCheck.ValidateSaliency(Config, batch, targets, saliency, logits);
            if (Core.Device.type == DeviceType.CPU)
                BufferLimit.CheckSaliency(Config, batch);
            new SaliencyPass(Core, batch, cancellationToken).Run(targets, saliency, logits);
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception))
        {
            throw Exhausted(exception, batch);
        }
    }

    public MambaState CreateState(int sequences = 1)
    {
        using CallGate.Call call = _gate.Enter();
        BatchCheck.RequireStreamable(Config);
        BatchCheck.ValidateStreams(sequences);
        return DeviceMemory.Guard(() => new TorchMambaState(Config, sequences, Core.Device), () => $"for the state of {sequences} streams", "the number of streams");
    }

    public void Step(MambaState state, SequenceBatch chunk, Span<float> output, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = _gate.Enter();
        ThrowIfTraining();
        BatchCheck.RequireStreamable(Config);
        ArgumentNullException.ThrowIfNull(state);
        if (state is not TorchMambaState own || own.Config != Config || !own.IsOn(Core.Device))
            throw new ArgumentException("The state belongs to a model of another engine, device or configuration.", nameof(state));
        StreamMemory memory = own.Memory;
        BatchCheck.ValidateChunk(Config, chunk, own.Sequences, own.IsBroken);
        BatchCheck.ValidateHeadOutput(Config, chunk, output);
        own.IsBroken = true;
        Run(chunk, InferencePass.Head, memory, output, cancellationToken);
        own.IsBroken = false;
    }

    public MambaWeights ExportWeights()
    {
        using CallGate.Call call = _gate.Enter();
        return Core.Store.Export();
    }

    public IMambaTrainingSession StartTraining(MambaTrainingSettings settings)
    {
        using CallGate.Call call = _gate.Enter();
        BatchCheck.ValidateSettings(Config, settings);
        ThrowIfTraining();
        _session = DeviceMemory.Guard(
            () => new TorchTrainingSession(this, settings), () => $"for the gradients and moments of {Core.Store.Layout.Length} weights", "DModel or NumLayers");
        return _session;
    }

    public void Dispose() => _gate.Close();

    /// <summary>The forward pass without the check for an open session, which calls it itself.</summary>
    internal void ForwardCore(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken)
    {
        BatchCheck.Validate(Config, batch);
        BatchCheck.ValidateHeadOutput(Config, batch, output);
        Run(batch, InferencePass.Head, null, output, cancellationToken);
    }

    internal void EndTraining() => _session = null;

    private void Run(SequenceBatch batch, int layer, StreamMemory? memory, Span<float> output, CancellationToken cancellationToken)
    {
        if (Core.Device.type == DeviceType.CPU)
            BufferLimit.CheckInference(Config, batch);
        try
        {
            new InferencePass(Core, batch, layer, memory, cancellationToken).Run(output);
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception))
        {
            throw Exhausted(exception, batch);
        }
    }

    private static InsufficientMemoryException Exhausted(Exception exception, SequenceBatch batch) =>
        DeviceMemory.Exhausted(
            exception, $"for scoring {batch.Count} sequences of {batch.TokenCount} tokens together", "ScoringBatchTokens or ScoringBatchRows");

    private void ThrowIfTraining()
    {
        if (_session is not null)
            throw new InvalidOperationException("The model is being trained; use the training session, or dispose it first.");
    }

    private void Free()
    {
        _session?.Dispose();
        Core.Dispose();
    }
}

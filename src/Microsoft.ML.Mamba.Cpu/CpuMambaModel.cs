using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.Cpu;

/// <summary>A model in memory of its own. Calls rent scratch memory, so any number may run at once.</summary>
internal sealed partial class CpuMambaModel : IMambaModel
{
    private const long LargestKeptArena = 256L << 20;
    private readonly NativeArenaPool _arenas = new();
    private readonly CallGate _gate;
    private CpuTrainingSession? _session;

    public CpuMambaModel(MambaConfig config, MambaWeights weights, CpuParallel parallel)
    {
        Core = new ModelCore(config, weights, parallel);
        _gate = new CallGate(this, Free);
    }

    public MambaConfig Config => Core.Config;

    public ModelCore Core { get; }

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
            hidden.Length, TokenOffsets.Count(Config, batch), Config.DModel,
            Config.HasPatches ? "tokens of all sequences, DModel" : "TokenCount, DModel", nameof(hidden));
        Run(batch, layer, null, hidden, cancellationToken);
    }

    public MambaState CreateState(int sequences = 1)
    {
        using CallGate.Call call = _gate.Enter();
        BatchCheck.RequireStreamable(Config);
        BatchCheck.ValidateStreams(sequences);
        return new CpuMambaState(Config, sequences);
    }

    public void Step(MambaState state, SequenceBatch chunk, Span<float> output, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = _gate.Enter();
        ThrowIfTraining();
        BatchCheck.RequireStreamable(Config);
        ArgumentNullException.ThrowIfNull(state);
        if (state is not CpuMambaState own || own.Config != Config)
            throw new ArgumentException("The state belongs to a model of another engine or configuration.", nameof(state));
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
        return Core.Export();
    }

    public IMambaTrainingSession StartTraining(MambaTrainingSettings settings)
    {
        using CallGate.Call call = _gate.Enter();
        BatchCheck.ValidateSettings(Config, settings);
        ThrowIfTraining();
        _session = new CpuTrainingSession(this, settings);
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

    /// <summary>Keeps the model's memory while a session's call runs.</summary>
    internal CallGate Gate => _gate;

    internal void EndTraining() => _session = null;

    private void Run(SequenceBatch batch, int layer, StreamMemory? memory, Span<float> output, CancellationToken cancellationToken)
    {
        BufferLimit.CheckInference(Config, batch);
        Core.EnsurePacked();
        NativeArena arena = _arenas.Rent();
        try
        {
            InferencePass.Run(Core, batch, layer, InferencePass.PieceTokens(Config), memory, output, arena, cancellationToken);
        }
        finally
        {
            GiveBack(arena);
        }
    }

    private void GiveBack(NativeArena arena)
    {
        // One huge batch must not hold its memory for the rest of the model's life.
        if (arena.Capacity > LargestKeptArena)
            arena.Dispose();
        else
            _arenas.Return(arena);
    }

    private void ThrowIfTraining()
    {
        if (_session is not null)
            throw new InvalidOperationException("The model is being trained; use the training session, or dispose it first.");
    }

    private void Free()
    {
        _session?.Dispose();
        _arenas.Dispose();
        Core.Dispose();
    }
}

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
        _gate.Enter();
        try
        {
            ThrowIfTraining();
            ForwardCore(batch, output, cancellationToken);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public void ForwardHidden(SequenceBatch batch, int layer, Span<float> hidden, CancellationToken cancellationToken = default)
    {
        _gate.Enter();
        try
        {
            ThrowIfTraining();
            BatchCheck.Validate(Config, batch);
            BatchCheck.ValidateLayer(Config, layer);
            BatchCheck.ValidateOutput(
                hidden.Length, TokenOffsets.Count(Config, batch), Config.DModel,
                Config.HasPatches ? "tokens of all sequences, DModel" : "TokenCount, DModel", nameof(hidden));
            Run(batch, layer, null, hidden, cancellationToken);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public MambaState CreateState(int sequences = 1)
    {
        _gate.Enter();
        try
        {
            ThrowIfNotStreamable();
            if (sequences < 1)
                throw new ArgumentOutOfRangeException(nameof(sequences), sequences, $"A state must have at least one stream; got {sequences}.");
            return new CpuMambaState(Config, sequences);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public void Step(MambaState state, SequenceBatch chunk, Span<float> output, CancellationToken cancellationToken = default)
    {
        _gate.Enter();
        try
        {
            ThrowIfTraining();
            ThrowIfNotStreamable();
            ArgumentNullException.ThrowIfNull(state);
            if (state is not CpuMambaState own || own.Config != Config)
                throw new ArgumentException("The state belongs to a model of another engine or configuration.", nameof(state));
            StreamMemory memory = own.Memory;
            if (own.IsBroken)
                throw new InvalidOperationException("The state was left half-way by a step that was cancelled or failed; Reset it or go on from a clone.");
            BatchCheck.Validate(Config, chunk);
            if (chunk.Count != own.Sequences)
            {
                throw new ArgumentException(
                    $"The state has {own.Sequences} streams, and the chunk must have a sequence for each; it has {chunk.Count}.", nameof(chunk));
            }

            CheckOutput(chunk, output);
            own.IsBroken = true;
            Run(chunk, InferencePass.Head, memory, output, cancellationToken);
            own.IsBroken = false;
        }
        finally
        {
            _gate.Leave();
        }
    }

    public MambaWeights ExportWeights()
    {
        _gate.Enter();
        try
        {
            return Core.Export();
        }
        finally
        {
            _gate.Leave();
        }
    }

    public IMambaTrainingSession StartTraining(MambaTrainingSettings settings)
    {
        _gate.Enter();
        try
        {
            ArgumentNullException.ThrowIfNull(settings);
            if (Config.Head != MambaHead.Classification)
                throw new ArgumentException($"Only a model with a Classification head can be trained; this one has {Config.Head}.", nameof(settings));
            settings.Validate(Config);
            ThrowIfTraining();
            _session = new CpuTrainingSession(this, settings);
            return _session;
        }
        finally
        {
            _gate.Leave();
        }
    }

    public void Dispose() => _gate.Close();

    /// <summary>The forward pass without the check for an open session, which calls it itself.</summary>
    internal void ForwardCore(SequenceBatch batch, Span<float> output, CancellationToken cancellationToken)
    {
        BatchCheck.Validate(Config, batch);
        CheckOutput(batch, output);
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

    private void CheckOutput(SequenceBatch batch, ReadOnlySpan<float> output)
    {
        (int rows, int width, string shape) = Config.Head switch
        {
            MambaHead.Classification => (batch.Count, Config.NumClasses, "Count, NumClasses"),
            MambaHead.LanguageModel => (batch.TokenCount, Config.VocabSize, "TokenCount, VocabSize"),
            _ => (batch.TokenCount, Config.DModel, "TokenCount, DModel"),
        };
        BatchCheck.ValidateOutput(output.Length, rows, width, shape, nameof(output));
    }

    private void ThrowIfTraining()
    {
        if (_session is not null)
            throw new InvalidOperationException("The model is being trained; use the training session, or dispose it first.");
    }

    private void ThrowIfNotStreamable()
    {
        if (Config.IsBidirectional)
            throw new InvalidOperationException($"The model is bidirectional ({Config.Direction}): it needs whole sequences and cannot be streamed.");
        // A patch may be incomplete at the end of every chunk, and is then padded with zeros that the next chunk would have to take back.
        if (Config.HasPatches)
            throw new InvalidOperationException($"The model reads patches of {Config.PatchLength} frames: it needs whole sequences and cannot be streamed.");
    }

    private void Free()
    {
        _session?.Dispose();
        _arenas.Dispose();
        Core.Dispose();
    }
}

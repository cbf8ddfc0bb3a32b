using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.Cpu;

/// <summary>What only a classifier can tell of its input.</summary>
internal sealed partial class CpuMambaModel
{
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
        ThrowIfTraining();
        BatchCheck.ValidateSaliency(Config, batch, targets, saliency, logits);
        BufferLimit.CheckSaliency(Config, batch);
        Core.EnsurePacked();
        NativeArena arena = _arenas.Rent();
        try
        {
            SaliencyPass.Run(Core, batch, targets, saliency, logits, arena, cancellationToken);
        }
        finally
        {
            GiveBack(arena);
        }
    }
}

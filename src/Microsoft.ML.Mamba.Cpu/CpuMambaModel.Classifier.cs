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
        BatchCheck.RequireClassifier(Config, "pools nothing");
        BatchCheck.Validate(Config, batch);
        BatchCheck.ValidateOutput(pooled.Length, batch.Count, Config.DModel, "Count, DModel", nameof(pooled));
        Run(batch, InferencePass.Pooled, null, pooled, cancellationToken);
    }

    public void Saliency(
        SequenceBatch batch, ReadOnlySpan<int> targets, Span<float> saliency, Span<float> logits, CancellationToken cancellationToken = default)
    {
        using CallGate.Call call = _gate.Enter();
        ThrowIfTraining();
        BatchCheck.RequireClassifier(Config, "has no logit of a class to explain");
        BatchCheck.Validate(Config, batch);
        BatchCheck.ValidateSaliencyTargets(Config, batch, targets);
        BatchCheck.ValidateOutput(saliency.Length, batch.TokenCount, 1, "TokenCount, 1", nameof(saliency));
        BatchCheck.ValidateOutput(logits.Length, batch.Count, Config.NumClasses, "Count, NumClasses", nameof(logits));
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

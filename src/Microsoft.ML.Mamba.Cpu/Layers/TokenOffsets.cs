using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>Where sequences begin and end among the tokens that the blocks read: the batch's own offsets, or those of its patches.</summary>
internal static class TokenOffsets
{
    /// <summary>The offsets, [batch.Count + 1], from 0.</summary>
    public static ReadOnlySpan<int> Of(MambaConfig config, SequenceBatch batch, NativeArena arena)
    {
        if (!config.HasPatches)
            return batch.Offsets;
        NativeBuffer<int> offsets = arena.Allocate<int>(batch.Count + 1);
        offsets.Span[0] = 0;
        for (int i = 0; i < batch.Count; i++)
            offsets.Span[i + 1] = offsets.Span[i] + config.TokensOf(batch.LengthOf(i));
        return offsets;
    }

    /// <summary>The number of these tokens.</summary>
    public static int Count(MambaConfig config, SequenceBatch batch)
    {
        if (!config.HasPatches)
            return batch.TokenCount;
        int count = 0;
        for (int i = 0; i < batch.Count; i++)
            count += config.TokensOf(batch.LengthOf(i));
        return count;
    }
}

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>Where sequences begin and end among the tokens that the blocks read: the batch's own offsets, or those of its patches.</summary>
internal static class BlockOffsets
{
    /// <summary>The offsets, [batch.Count + 1], from 0.</summary>
    public static int[] Of(MambaConfig config, SequenceBatch batch)
    {
        if (!config.HasPatches)
            return batch.Offsets.ToArray();
        var offsets = new int[batch.Count + 1];
        for (int i = 0; i < batch.Count; i++)
            offsets[i + 1] = offsets[i] + config.TokensOf(batch.LengthOf(i));
        return offsets;
    }
}

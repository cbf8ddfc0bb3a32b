namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>A buffer with a row a token has at most 2^31 - 1 elements.</summary>
internal static class BufferLimit
{
    /// <summary>Checks that tokens which must be computed at once are not too many.</summary>
    /// <exception cref="ArgumentException">They are; the message says how many may be.</exception>
    public static void Check(MambaConfig config, int tokens)
    {
        long width = Math.Max(2L * config.DInner, Math.Max(DtBCSlices.WidthOf(config), Math.Max(config.InputChannels, config.DModel)));
        if (tokens * width > int.MaxValue)
            throw new ArgumentException($"A batch of {tokens} tokens is too large for a model with DInner = {config.DInner}: at most {int.MaxValue / width} tokens can be computed at once.");
    }
}

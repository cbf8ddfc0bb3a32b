namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Names one dropout mask: all its elements follow from these 64 bits and their position.</summary>
internal readonly record struct DropoutKey(uint Key0, uint Key1)
{
    /// <summary>The mask of a training step at a place in the model. Different arguments give unrelated masks.</summary>
    /// <param name="seed">The training run's seed.</param>
    /// <param name="step">Number of the training step.</param>
    /// <param name="site">Number of the place where dropout is applied.</param>
    public static DropoutKey Create(int seed, long step, int site)
    {
        ulong bits = CounterHash.Mix64((uint)seed + 0x9E37_79B9_7F4A_7C15UL);
        bits = CounterHash.Mix64(bits ^ (ulong)step);
        bits = CounterHash.Mix64(bits + (uint)site + 1);
        return new DropoutKey((uint)bits, (uint)(bits >> 32));
    }

    /// <summary>Key0 for the elements from <paramref name="index"/> on, whose low 32 bits are the hash's counter.</summary>
    public uint KeyAt(long index) => Key0 ^ (uint)CounterHash.Mix64((ulong)index >> 32);
}

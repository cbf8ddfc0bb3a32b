using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Random bits from a counter and a key instead of a generator's state, so that any element's bits can be computed at any time by any thread.
/// Two rounds of a 32-bit mixing function (multiply and xor-shift, each a bijection), keyed before and between.
/// </summary>
internal static class CounterHash
{
    public const uint Factor1 = 0x85EB_CA6B;
    public const uint Factor2 = 0xC2B2_AE35;

    /// <summary>32 evenly distributed bits of <paramref name="index"/> under a key of 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(uint index, uint key0, uint key1) => Mix(Mix(index ^ key0) + key1);

    /// <summary>Mixes 64 bits so that every input bit reaches every output bit.</summary>
    public static ulong Mix64(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xFF51_AFD7_ED55_8CCDUL;
        value = (value ^ (value >> 33)) * 0xC4CE_B9FE_1A85_EC53UL;
        return value ^ (value >> 33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint h)
    {
        h = (h ^ (h >> 16)) * Factor1;
        h = (h ^ (h >> 13)) * Factor2;
        return h ^ (h >> 16);
    }
}

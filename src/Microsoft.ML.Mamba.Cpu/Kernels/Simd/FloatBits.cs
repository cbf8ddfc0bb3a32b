namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Constants of the IEEE 754 binary32 layout.</summary>
internal static class FloatBits
{
    /// <summary>Added to a power of two before it is stored in bits 23 to 30.</summary>
    public const int ExponentBias = 127;

    /// <summary>Bits of sqrt(1/2).</summary>
    public const int SqrtHalf = 0x3F3504F3;
}

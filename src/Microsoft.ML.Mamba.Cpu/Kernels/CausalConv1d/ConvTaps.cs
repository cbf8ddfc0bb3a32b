namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>A kernel size known to the JIT, so that weights and window stay in registers and absent taps cost nothing.</summary>
internal interface IConvTaps
{
    /// <summary>Kernel size, 1 to 4.</summary>
    static abstract int Count { get; }
}

internal readonly struct ConvTaps1 : IConvTaps
{
    public static int Count => 1;
}

internal readonly struct ConvTaps2 : IConvTaps
{
    public static int Count => 2;
}

internal readonly struct ConvTaps3 : IConvTaps
{
    public static int Count => 3;
}

internal readonly struct ConvTaps4 : IConvTaps
{
    public static int Count => 4;
}

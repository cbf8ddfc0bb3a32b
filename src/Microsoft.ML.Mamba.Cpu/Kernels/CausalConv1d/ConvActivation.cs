using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>What follows the convolution's sum, known to the JIT.</summary>
internal interface IConvActivation
{
    /// <summary>Whether gradients need the sum again.</summary>
    static abstract bool NeedsSum { get; }

    static abstract TVector Apply<TLanes, TVector>(TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>The sum's gradient from the output's.</summary>
    static abstract TVector Backward<TLanes, TVector>(TVector sum, TVector gradient)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged;
}

internal readonly struct ConvSilu : IConvActivation
{
    public static bool NeedsSum => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TLanes, TVector>(TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged => SimdMath.Silu<TLanes, TVector>(sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Backward<TLanes, TVector>(TVector sum, TVector gradient)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged => TLanes.Multiply(gradient, SimdMath.SiluDerivative<TLanes, TVector>(sum, out _));
}

internal readonly struct ConvLinear : IConvActivation
{
    public static bool NeedsSum => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TLanes, TVector>(TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged => sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Backward<TLanes, TVector>(TVector sum, TVector gradient)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged => gradient;
}

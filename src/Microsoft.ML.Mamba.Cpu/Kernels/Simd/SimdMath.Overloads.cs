using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static partial class SimdMath
{
    /// <inheritdoc cref="Exp{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Exp<Lanes512, Vector512<float>>(x);

    /// <inheritdoc cref="Exp{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x) => Exp<Lanes256, Vector256<float>>(x);

    /// <inheritdoc cref="Exp{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exp(Vector128<float> x) => Exp<Lanes128, Vector128<float>>(x);

    /// <inheritdoc cref="Exp{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => Exp<Lanes1, float>(x);

    /// <inheritdoc cref="Log{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x) => Log<Lanes512, Vector512<float>>(x);

    /// <inheritdoc cref="Log{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Log(Vector256<float> x) => Log<Lanes256, Vector256<float>>(x);

    /// <inheritdoc cref="Log{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Log(Vector128<float> x) => Log<Lanes128, Vector128<float>>(x);

    /// <inheritdoc cref="Log{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log(float x) => Log<Lanes1, float>(x);

    /// <inheritdoc cref="Softplus{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Softplus(Vector512<float> x) => Softplus<Lanes512, Vector512<float>>(x);

    /// <inheritdoc cref="Softplus{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Softplus(Vector256<float> x) => Softplus<Lanes256, Vector256<float>>(x);

    /// <inheritdoc cref="Softplus{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Softplus(Vector128<float> x) => Softplus<Lanes128, Vector128<float>>(x);

    /// <inheritdoc cref="Softplus{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Softplus(float x) => Softplus<Lanes1, float>(x);

    /// <inheritdoc cref="Sigmoid{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Sigmoid<Lanes512, Vector512<float>>(x);

    /// <inheritdoc cref="Sigmoid{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sigmoid(Vector256<float> x) => Sigmoid<Lanes256, Vector256<float>>(x);

    /// <inheritdoc cref="Sigmoid{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sigmoid(Vector128<float> x) => Sigmoid<Lanes128, Vector128<float>>(x);

    /// <inheritdoc cref="Sigmoid{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sigmoid(float x) => Sigmoid<Lanes1, float>(x);

    /// <inheritdoc cref="Silu{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Silu(Vector512<float> x) => Silu<Lanes512, Vector512<float>>(x);

    /// <inheritdoc cref="Silu{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Silu(Vector256<float> x) => Silu<Lanes256, Vector256<float>>(x);

    /// <inheritdoc cref="Silu{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Silu(Vector128<float> x) => Silu<Lanes128, Vector128<float>>(x);

    /// <inheritdoc cref="Silu{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Silu(float x) => Silu<Lanes1, float>(x);

    /// <inheritdoc cref="SiluDerivative{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SiluDerivative(Vector512<float> x, out Vector512<float> silu) => SiluDerivative<Lanes512, Vector512<float>>(x, out silu);

    /// <inheritdoc cref="SiluDerivative{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SiluDerivative(Vector256<float> x, out Vector256<float> silu) => SiluDerivative<Lanes256, Vector256<float>>(x, out silu);

    /// <inheritdoc cref="SiluDerivative{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SiluDerivative(Vector128<float> x, out Vector128<float> silu) => SiluDerivative<Lanes128, Vector128<float>>(x, out silu);

    /// <inheritdoc cref="SiluDerivative{TLanes, TVector}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SiluDerivative(float x, out float silu) => SiluDerivative<Lanes1, float>(x, out silu);
}

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The operations that kernels need on a vector of floats, so that one body serves every width: a kernel is a static method
/// <c>Forward&lt;TLanes, TVector&gt;</c> over <see cref="Lanes512"/>, <see cref="Lanes256"/>, <see cref="Lanes128"/> and <see cref="Lanes1"/> (scalar).
/// </summary>
/// <remarks>All implementations are structs whose methods inline, so nothing is left of the abstraction in machine code. Pointers need no alignment.</remarks>
internal unsafe interface ILanes<TVector> where TVector : unmanaged
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Whether this machine (with its current settings) executes these operations in hardware.</summary>
    static abstract bool IsSupported { get; }

    static abstract TVector Load(float* source);
    static abstract void Store(float* destination, TVector value);
    static abstract TVector Create(float value);
    static abstract TVector Add(TVector a, TVector b);
    static abstract TVector Subtract(TVector a, TVector b);
    static abstract TVector Multiply(TVector a, TVector b);
    static abstract TVector Divide(TVector a, TVector b);
    static abstract TVector Sqrt(TVector a);
    static abstract TVector Abs(TVector a);

    /// <summary><c>a * b + c</c>: one rounding where the hardware fuses, two where it does not.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The smaller value; NaN in <paramref name="value"/> comes through.</summary>
    static abstract TVector Min(TVector bound, TVector value);

    /// <summary>The larger value; NaN in <paramref name="value"/> comes through.</summary>
    static abstract TVector Max(TVector bound, TVector value);

    /// <summary>Lane by lane <c>a &lt; b ? whenLess : otherwise</c>; NaN is never less.</summary>
    static abstract TVector SelectLess(TVector a, TVector b, TVector whenLess, TVector otherwise);

    /// <summary><c>x * 2^k</c> for whole k from -252 to 252, rounded once, also into denormals.</summary>
    static abstract TVector ScaleByPowerOfTwo(TVector x, TVector k);

    /// <summary>Splits positive normal x into <c>m * 2^exponent</c> with m from sqrt(1/2) to sqrt(2); returns m.</summary>
    static abstract TVector SplitMantissa(TVector x, out TVector exponent);

    /// <summary>The sum over the lanes, in an order that depends on the width only.</summary>
    static abstract float Sum(TVector a);

    /// <summary>The largest lane; unspecified when a lane is NaN.</summary>
    static abstract float MaxAcross(TVector a);

    /// <summary>
    /// For each lane i, <c>keep(hash(index + i)) ? value : 0</c>, where hash is <see cref="CounterHash"/> and keep means <c>hash &gt;=
    /// threshold</c>.
    /// </summary>
    static abstract TVector KeepWhereHashed(TVector value, uint index, uint key0, uint key1, uint threshold);
}

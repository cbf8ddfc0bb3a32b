namespace TorchSharp;

/// <summary>A number for torch: an integer, or a real one.</summary>
public sealed class Scalar
{
    private Scalar(bool isReal, long integer, double real) => (IsReal, Integer, Real) = (isReal, integer, real);

    internal bool IsReal { get; }

    internal long Integer { get; }

    internal double Real { get; }

    public static implicit operator Scalar(int value) => new(false, value, 0);

    public static implicit operator Scalar(long value) => new(false, value, 0);

    public static implicit operator Scalar(float value) => new(true, 0, value);

    public static implicit operator Scalar(double value) => new(true, 0, value);
}

using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// An interpolated text of a few whole numbers that is put together only when it is asked for, so that a check that passes
/// allocates nothing.
/// </summary>
[InterpolatedStringHandler]
internal struct ShapeText
{
    private string? _first, _second, _third, _fourth;
    private long _a, _b, _c;
    private int _count;

    public ShapeText(int literalLength, int formattedCount)
    {
    }

    public void AppendLiteral(string text)
    {
        switch (_count)
        {
            case 0: _first = text; break;
            case 1: _second = text; break;
            case 2: _third = text; break;
            default: _fourth = text; break;
        }
    }

    public void AppendFormatted(long value)
    {
        switch (_count++)
        {
            case 0: _a = value; break;
            case 1: _b = value; break;
            case 2: _c = value; break;
            default: throw new NotSupportedException("A shape text has at most three numbers.");
        }
    }

    public override readonly string ToString() => _count switch
    {
        0 => $"{_first}",
        1 => $"{_first}{_a}{_second}",
        2 => $"{_first}{_a}{_second}{_b}{_third}",
        _ => $"{_first}{_a}{_second}{_b}{_third}{_c}{_fourth}",
    };
}

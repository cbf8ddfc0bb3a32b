namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>A destination that shows what was written: NaN before the call, and guard values behind the end.</summary>
internal sealed class Guarded
{
    private const int GuardLength = 32;
    private const float Guard = 12345.5f;
    private readonly float[] _memory;
    private readonly int _length;

    public Guarded(int length)
    {
        _length = length;
        _memory = new float[length + GuardLength];
        _memory.AsSpan(0, length).Fill(float.NaN);
        _memory.AsSpan(length).Fill(Guard);
    }

    public Span<float> Span => _memory.AsSpan(0, _length);

    /// <summary>The rows without the gaps between them, after checking that every element was written, and no gap or guard.</summary>
    public float[] Rows(string name, int rows, int stride, int width)
    {
        var dense = new float[rows * width];
        for (int i = 0; i < _memory.Length; i++)
        {
            float value = _memory[i];
            if (i >= _length)
            {
                Assert.True(value == Guard, $"{name} was written {i - _length} elements behind its end.");
            }
            else if (i % stride < width)
            {
                Assert.False(float.IsNaN(value), $"{name}[{i / stride}, {i % stride}] was not written.");
                dense[(i / stride * width) + (i % stride)] = value;
            }
            else
            {
                Assert.True(float.IsNaN(value), $"{name} was written between rows, at [{i / stride}, {i % stride}].");
            }
        }

        return dense;
    }

    /// <summary>For scratch memory: it may be written or not, but nothing behind it.</summary>
    public void CheckGuard(string name)
    {
        for (int i = _length; i < _memory.Length; i++)
            Assert.True(_memory[i] == Guard, $"{name} was written {i - _length} elements behind its end.");
    }

    /// <summary>All elements, dense.</summary>
    public float[] All(string name) => _length == 0 ? Rows(name, 0, 1, 1) : Rows(name, 1, _length, _length);
}

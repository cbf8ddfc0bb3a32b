using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>A piece of an arena: unlike a span it can be kept in a field. Valid until the arena is reset, released past it, or disposed.</summary>
internal readonly unsafe struct NativeBuffer<T>(T* pointer, int length) where T : unmanaged
{
    public T* Pointer { get; } = pointer;

    public int Length { get; } = length;

    public bool IsEmpty => Length == 0;

    public Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Pointer, Length);
    }

    public static implicit operator Span<T>(NativeBuffer<T> buffer) => buffer.Span;

    public static implicit operator ReadOnlySpan<T>(NativeBuffer<T> buffer) => buffer.Span;

    /// <summary>Elements <paramref name="start"/> to <paramref name="start"/> + <paramref name="length"/> - 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not all within the buffer.</exception>
    public NativeBuffer<T> Slice(int start, int length)
    {
        if ((uint)start > (uint)Length || (uint)length > (uint)(Length - start))
            throw new ArgumentOutOfRangeException(
                nameof(start), start, $"A slice must lie within the buffer's {Length} elements; got start {start} and length {length}.");
        return new NativeBuffer<T>(Pointer + start, length);
    }
}

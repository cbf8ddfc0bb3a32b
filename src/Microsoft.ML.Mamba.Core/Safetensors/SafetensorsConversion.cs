using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.Safetensors;

/// <summary>Copies little-endian elements out of a source, as they are or converted to float32.</summary>
internal static class SafetensorsConversion
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>Copies elements of <paramref name="size"/> bytes into a span of elements of the same size.</summary>
    public static void Copy<T>(ByteSource source, long offset, int size, Span<T> destination) where T : unmanaged
    {
        // A span of bytes holds 2 GiB at most, an array of elements more.
        int step = (1 << 28) / size;
        for (int start = 0; start < destination.Length; start += step)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(destination.Slice(start, Math.Min(step, destination.Length - start)));
            source.CopyTo(offset + (long)start * size, bytes);
            ToNative(bytes, size);
        }
    }

    /// <summary>Converts elements of a type to float32.</summary>
    public static void ToSingle(ByteSource source, long offset, SafetensorsType type, Span<float> destination)
    {
        int size = SafetensorsTypes.SizeOf(type);
        int step = ChunkBytes / size;
        var buffer = new byte[Math.Min(ChunkBytes, (long)destination.Length * size)];
        for (int start = 0; start < destination.Length; start += step)
        {
            Span<float> target = destination.Slice(start, Math.Min(step, destination.Length - start));
            Span<byte> bytes = buffer.AsSpan(0, target.Length * size);
            source.CopyTo(offset + (long)start * size, bytes);
            ToNative(bytes, size);
            Convert(bytes, type, target);
        }
    }

    private static void Convert(ReadOnlySpan<byte> bytes, SafetensorsType type, Span<float> target)
    {
        switch (type)
        {
            case SafetensorsType.F64:
                Each(MemoryMarshal.Cast<byte, double>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(target);
                break;
            case SafetensorsType.F16:
                Each(MemoryMarshal.Cast<byte, Half>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.BF16:
                Each(MemoryMarshal.Cast<byte, ushort>(bytes), target, static value => BitConverter.UInt32BitsToSingle((uint)value << 16));
                break;
            case SafetensorsType.I64:
                Each(MemoryMarshal.Cast<byte, long>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.I32:
                Each(MemoryMarshal.Cast<byte, int>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.I16:
                Each(MemoryMarshal.Cast<byte, short>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.I8:
                Each(MemoryMarshal.Cast<byte, sbyte>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.U64:
                Each(MemoryMarshal.Cast<byte, ulong>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.U32:
                Each(MemoryMarshal.Cast<byte, uint>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.U16:
                Each(MemoryMarshal.Cast<byte, ushort>(bytes), target, static value => (float)value);
                break;
            case SafetensorsType.U8:
                Each(bytes, target, static value => (float)value);
                break;
            default:
                Each(bytes, target, static value => value == 0 ? 0f : 1f);
                break;
        }
    }

    private static void Each<T>(ReadOnlySpan<T> source, Span<float> target, Func<T, float> convert)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = convert(source[i]);
    }

    private static void ToNative(Span<byte> bytes, int size)
    {
        if (BitConverter.IsLittleEndian || size == 1)
            return;
        for (int i = 0; i < bytes.Length; i += size)
            bytes.Slice(i, size).Reverse();
    }
}

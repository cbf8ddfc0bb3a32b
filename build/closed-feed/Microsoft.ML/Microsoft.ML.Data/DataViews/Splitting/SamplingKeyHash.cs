using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>The 32-bit MurmurHash3 of a value: of a number's bytes in four or eight, of text without outer spaces in UTF-8.</summary>
internal static class SamplingKeyHash
{
    public static uint Of<T>(T value, uint seed) => value switch
    {
        ReadOnlyMemory<char> text => OfBytes(Encoding.UTF8.GetBytes(text.Span.Trim(' ').ToArray()), seed),
        bool flag => OfInt32(flag ? 1 : 0, seed),
        sbyte number => OfInt32(number, seed),
        byte number => OfInt32(number, seed),
        short number => OfInt32(number, seed),
        ushort number => OfInt32(number, seed),
        int number => OfInt32(number, seed),
        uint number => OfInt32(unchecked((int)number), seed),
        long number => OfInt64(number, seed),
        ulong number => OfInt64(unchecked((long)number), seed),
        DateTime time => OfInt64(time.Ticks, seed),
        DateTimeOffset time => OfInt64(time.UtcTicks, seed),
        TimeSpan span => OfInt64(span.Ticks, seed),
        _ => throw NotCovered.Error($"A sampling key of type '{typeof(T)}'"),
    };

    private static uint OfInt32(int value, uint seed)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return OfBytes(bytes, seed);
    }

    private static uint OfInt64(long value, uint seed)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return OfBytes(bytes, seed);
    }

    private static uint OfBytes(ReadOnlySpan<byte> bytes, uint seed)
    {
        unchecked
        {
            uint hash = seed;
            int at = 0;
            for (; at + 4 <= bytes.Length; at += 4)
            {
                hash ^= Scramble(BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]));
                hash = BitOperations.RotateLeft(hash, 13) * 5u + 0xE6546B64u;
            }
            uint tail = 0;
            for (int i = bytes.Length - 1; i >= at; i--)
                tail = (tail << 8) | bytes[i];
            hash ^= Scramble(tail) ^ (uint)bytes.Length;
            hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
            hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
            return hash ^ (hash >> 16);
        }
    }

    private static uint Scramble(uint block) => unchecked(BitOperations.RotateLeft(block * 0xCC9E2D51u, 15) * 0x1B873593u);
}

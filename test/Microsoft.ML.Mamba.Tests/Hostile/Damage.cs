using System.Buffers.Binary;

namespace Microsoft.ML.Mamba.Tests.Hostile;

/// <summary>Damages valid bytes at random, always alike for a seed: flipped bits, other bytes, numbers at the limits, parts cut off, left out or repeated.</summary>
internal sealed class Damage(int seed)
{
    private static readonly uint[] s_limits = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF, 0x4000_0000, 0x0001_0000];

    private readonly Random _random = new(seed);

    /// <param name="whole">What is damaged; stays as it is.</param>
    /// <param name="head">How many of the first bytes are hit more often.</param>
    public byte[] Of(byte[] whole, int head)
    {
        byte[] bytes = [.. whole];
        for (int hits = _random.Next(1, 4); hits > 0 && bytes.Length > 0; hits--)
        {
            int at = _random.Next(_random.Next(2) == 0 ? Math.Min(head, bytes.Length) : bytes.Length);
            switch (_random.Next(8))
            {
                case 0:
                    bytes = bytes[..at];
                    break;
                case 1:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + _random.Next(1, 9))..]];
                    break;
                case 2:
                    bytes = [.. bytes[..Math.Min(bytes.Length, at + _random.Next(1, 9))], .. bytes[at..]];
                    break;
                case 3:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 4 when at + 4 <= bytes.Length:
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), s_limits[_random.Next(s_limits.Length)]);
                    break;
                default:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
            }
        }

        return bytes;
    }

    /// <summary>Reads what is damaged: it is read, or refused as said, without much memory. Gives how many were refused.</summary>
    /// <param name="cases">How many times.</param>
    /// <param name="whole">What is damaged.</param>
    /// <param name="head">How many of the first bytes are hit more often.</param>
    /// <param name="maxBytes">What reading may allocate.</param>
    /// <param name="read">Reads the bytes.</param>
    /// <param name="isDocumented">Whether an exception is one that the documentation names.</param>
    public int Check(int cases, byte[] whole, int head, long maxBytes, Action<byte[]> read, Func<Exception, bool> isDocumented)
    {
        int refused = 0;
        for (int i = 0; i < cases; i++)
        {
            byte[] bytes = Of(whole, head);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? error = Record.Exception(() => read(bytes));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(error is null || isDocumented(error), $"Case {i} of {Convert.ToHexString(bytes)}: {error}");
            Assert.True(allocated <= maxBytes, $"Case {i} of {Convert.ToHexString(bytes)} allocated {allocated} bytes; {error}");
            refused += error is null ? 0 : 1;
        }

        return refused;
    }
}

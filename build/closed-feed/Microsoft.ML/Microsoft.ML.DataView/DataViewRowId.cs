using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>A 128 bit row id; children are derived with the rounds of the 128 bit Murmur hash.</summary>
public readonly struct DataViewRowId : IComparable<DataViewRowId>, IEquatable<DataViewRowId>
{
    private const ulong MurmurC1 = 0x87c37b91114253d5;
    private const ulong MurmurC2 = 0x4cf5ad432745937f;

    public readonly ulong Low;
    public readonly ulong High;

    public DataViewRowId(ulong low, ulong high)
    {
        Low = low;
        High = high;
    }

    public override string ToString() => $"{High:x16}{Low:x16}";

    public int CompareTo(DataViewRowId other)
    {
        int byHigh = High.CompareTo(other.High);
        return byHigh != 0 ? byHigh : Low.CompareTo(other.Low);
    }

    public bool Equals(DataViewRowId other) => Low == other.Low && High == other.High;

    public override bool Equals(object obj) => obj is DataViewRowId other && Equals(other);

    public override int GetHashCode()
    {
        return (int)((uint)Low ^ (uint)(Low >> 32) ^ (uint)(High << 7) ^ (uint)(High >> 57) ^ (uint)(High >> 25));
    }

    /// <summary>The id that follows when this one is combined with the fixed block (1, 0).</summary>
    public DataViewRowId Fork() => Round(BitOperations.RotateLeft(MurmurC1, 31) * MurmurC2, 0);

    /// <summary>The id that follows when this one is combined with the fixed block (0, 0).</summary>
    public DataViewRowId Next() => Round(0, 0);

    public DataViewRowId Combine(DataViewRowId other)
    {
        other = other.Fork();
        ulong first = BitOperations.RotateLeft(other.Low * MurmurC1, 31) * MurmurC2;
        ulong second = BitOperations.RotateLeft(other.High * MurmurC2, 33) * MurmurC1;
        return Combined(first, second);
    }

    private DataViewRowId Combined(ulong first, ulong second)
    {
        ulong low = (BitOperations.RotateLeft(Low ^ first, 27) + High) * 5 + 0x52dce729;
        ulong high = (BitOperations.RotateLeft(High ^ second, 31) + low) * 5 + 0x38495ab5;
        return new DataViewRowId(low, high);
    }

    // The fixed blocks are mixed in after the round, unlike those of Combine.
    private DataViewRowId Round(ulong afterLow, ulong afterHigh)
    {
        DataViewRowId mixed = Combined(0, 0);
        return new DataViewRowId(mixed.Low ^ afterLow, mixed.High ^ afterHigh);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.StandIn;

/// <summary>Values that lie in the file as in memory.</summary>
internal sealed class PlainCodec<T> : ValueCodec<T>
    where T : unmanaged
{
    public PlainCodec(DataViewType type)
        : base(typeof(T).Name, type)
    {
    }

    public override void Write(BinaryWriter writer, ReadOnlySpan<T> values) => writer.Write(MemoryMarshal.AsBytes(values));

    public override T[] Read(BinaryReader reader, int count)
    {
        T[] values = Allocate<T>(reader, count, Unsafe.SizeOf<T>());
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}

/// <summary>Eight values a byte, the lowest bit first.</summary>
internal sealed class BooleanCodec : ValueCodec<bool>
{
    public BooleanCodec()
        : base(nameof(Boolean), BooleanDataViewType.Instance)
    {
    }

    public override void Write(BinaryWriter writer, ReadOnlySpan<bool> values)
    {
        byte[] bytes = new byte[(values.Length + 7) / 8];
        for (int i = 0; i < values.Length; i++)
            bytes[i / 8] |= (byte)(values[i] ? 1 << (i % 8) : 0);
        writer.Write(bytes);
    }

    public override bool[] Read(BinaryReader reader, int count)
    {
        byte[] bytes = Allocate<byte>(reader, (int)((count + 7L) / 8), 1);
        reader.BaseStream.ReadExactly(bytes);
        bool[] values = new bool[count];
        for (int i = 0; i < count; i++)
            values[i] = (bytes[i / 8] >> (i % 8) & 1) != 0;
        return values;
    }
}

internal sealed class DateTimeCodec : ValueCodec<DateTime>
{
    public DateTimeCodec()
        : base(nameof(DateTime), DateTimeDataViewType.Instance)
    {
    }

    public override void Write(BinaryWriter writer, ReadOnlySpan<DateTime> values)
    {
        foreach (DateTime value in values)
            writer.Write(value.Ticks);
    }

    public override DateTime[] Read(BinaryReader reader, int count)
    {
        DateTime[] values = Allocate<DateTime>(reader, count, sizeof(long));
        for (int i = 0; i < count; i++)
            values[i] = new DateTime(reader.ReadInt64());
        return values;
    }
}

/// <summary>All offsets in minutes, then all local ticks.</summary>
internal sealed class DateTimeOffsetCodec : ValueCodec<DateTimeOffset>
{
    public DateTimeOffsetCodec()
        : base(nameof(DateTimeOffset), DateTimeOffsetDataViewType.Instance)
    {
    }

    public override void Write(BinaryWriter writer, ReadOnlySpan<DateTimeOffset> values)
    {
        foreach (DateTimeOffset value in values)
            writer.Write((short)value.Offset.TotalMinutes);
        foreach (DateTimeOffset value in values)
            writer.Write(value.DateTime.Ticks);
    }

    public override DateTimeOffset[] Read(BinaryReader reader, int count)
    {
        DateTimeOffset[] values = Allocate<DateTimeOffset>(reader, count, sizeof(short) + sizeof(long));
        short[] minutes = new short[count];
        for (int i = 0; i < count; i++)
            minutes[i] = reader.ReadInt16();
        for (int i = 0; i < count; i++)
            values[i] = new DateTimeOffset(reader.ReadInt64(), TimeSpan.FromMinutes(minutes[i]));
        return values;
    }
}

/// <summary>The number of texts, the end of each in UTF-16 units, and all of them as one UTF-8 string.</summary>
internal sealed class TextCodec : ValueCodec<ReadOnlyMemory<char>>
{
    private const int LengthMask = 0x7FFFFFFF;

    public TextCodec()
        : base("TextSpan", TextDataViewType.Instance)
    {
    }

    public override void Write(BinaryWriter writer, ReadOnlySpan<ReadOnlyMemory<char>> values)
    {
        var all = new StringBuilder();
        writer.Write(values.Length);
        foreach (ReadOnlyMemory<char> value in values)
        {
            all.Append(value);
            writer.Write(all.Length);
        }
        writer.Write(all.ToString());
    }

    public override ReadOnlyMemory<char>[] Read(BinaryReader reader, int count)
    {
        Contracts.CheckDecode(reader.ReadInt32() == count);
        int[] ends = ReadInts(reader, count);
        ReadOnlyMemory<char> all = reader.ReadString().AsMemory();
        var values = new ReadOnlyMemory<char>[count];
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            // The highest bit marked a missing text in old files; such a text reads as empty.
            int end = ends[i] & LengthMask;
            Contracts.CheckDecode(start <= end && end <= all.Length);
            values[i] = ends[i] < 0 ? default : all[start..end];
            start = end;
        }
        Contracts.CheckDecode(start == all.Length);
        return values;
    }
}

using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>A type that label values can have, and how a value is written as text and read back without loss.</summary>
internal abstract class LabelType(string name, PrimitiveDataViewType type)
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign;
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private static readonly LabelType[] All =
    [
        new LabelType<ReadOnlyMemory<char>>("Text", TextDataViewType.Instance, value => value.ToString(), text => text.AsMemory()),
        new LabelType<bool>("Boolean", BooleanDataViewType.Instance, value => value ? "True" : "False", bool.Parse),
        new LabelType<float>("Single", NumberDataViewType.Single, value => value.ToString("R", Invariant), text => float.Parse(text, NumberStyles.Float, Invariant)),
        new LabelType<double>("Double", NumberDataViewType.Double, value => value.ToString("R", Invariant),
            text => double.Parse(text, NumberStyles.Float, Invariant)),
        new LabelType<sbyte>("SByte", NumberDataViewType.SByte, value => value.ToString(Invariant), text => sbyte.Parse(text, Whole, Invariant)),
        new LabelType<byte>("Byte", NumberDataViewType.Byte, value => value.ToString(Invariant), text => byte.Parse(text, Whole, Invariant)),
        new LabelType<short>("Int16", NumberDataViewType.Int16, value => value.ToString(Invariant), text => short.Parse(text, Whole, Invariant)),
        new LabelType<ushort>("UInt16", NumberDataViewType.UInt16, value => value.ToString(Invariant), text => ushort.Parse(text, Whole, Invariant)),
        new LabelType<int>("Int32", NumberDataViewType.Int32, value => value.ToString(Invariant), text => int.Parse(text, Whole, Invariant)),
        new LabelType<uint>("UInt32", NumberDataViewType.UInt32, value => value.ToString(Invariant), text => uint.Parse(text, Whole, Invariant)),
        new LabelType<long>("Int64", NumberDataViewType.Int64, value => value.ToString(Invariant), text => long.Parse(text, Whole, Invariant)),
        new LabelType<ulong>("UInt64", NumberDataViewType.UInt64, value => value.ToString(Invariant), text => ulong.Parse(text, Whole, Invariant)),
        new LabelType<DateTime>("DateTime", DateTimeDataViewType.Instance, value => value.ToString("O", Invariant),
            text => DateTime.ParseExact(text, "O", Invariant, DateTimeStyles.RoundtripKind)),
        new LabelType<DateTimeOffset>("DateTimeOffset", DateTimeOffsetDataViewType.Instance, value => value.ToString("O", Invariant),
            text => DateTimeOffset.ParseExact(text, "O", Invariant, DateTimeStyles.RoundtripKind)),
        new LabelType<TimeSpan>("TimeSpan", TimeSpanDataViewType.Instance, value => value.ToString("c", Invariant),
            text => TimeSpan.ParseExact(text, "c", Invariant)),
        new LabelType<DataViewRowId>("RowId", RowIdDataViewType.Instance, value => $"{value.High:x16}{value.Low:x16}",
            text => new DataViewRowId(ulong.Parse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, Invariant),
                ulong.Parse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, Invariant))),
    ];

    /// <summary>The name in a manifest.</summary>
    public string Name { get; } = name;

    public PrimitiveDataViewType Type { get; } = type;

    /// <summary>The label type of a schema's type, or null.</summary>
    public static LabelType? Of(DataViewType type) => type is KeyDataViewType key
        ? OfKey(key.RawType.Name, key.Count)
        : All.FirstOrDefault(candidate => candidate.Type.Equals(type));

    /// <summary>The label type of a name in a manifest, or null.</summary>
    public static LabelType? Of(string name)
    {
        if (name.Split(':') is ["Key", var raw, var count] && ulong.TryParse(count, NumberStyles.None, Invariant, out ulong keys))
            return OfKey(raw, keys);
        return All.FirstOrDefault(candidate => candidate.Name == name);
    }

    /// <summary>Reads the values of a key column's annotation.</summary>
    public abstract LabelValues Read(DataViewSchema.Annotations annotations);

    /// <summary>Reads values that <see cref="LabelValues.Names"/> wrote.</summary>
    /// <exception cref="FormatException">A value is malformed.</exception>
    /// <exception cref="OverflowException">A value is out of its type's range.</exception>
    public abstract LabelValues Parse(IReadOnlyList<string> texts);

    private static LabelType? OfKey(string raw, ulong count)
    {
        string name = $"Key:{raw}:{count.ToString(Invariant)}";
        return raw switch
        {
            nameof(Byte) when count is > 0 and <= byte.MaxValue => Key<byte>(name, count),
            nameof(UInt16) when count is > 0 and <= ushort.MaxValue => Key<ushort>(name, count),
            nameof(UInt32) when count is > 0 and <= uint.MaxValue => Key<uint>(name, count),
            nameof(UInt64) when count > 0 => Key<ulong>(name, count),
            _ => null,
        };
    }

    private static LabelType<T> Key<T>(string name, ulong count) where T : struct, IFormattable, IParsable<T> =>
        new(name, new KeyDataViewType(typeof(T), count), value => value.ToString(null, Invariant), text => T.Parse(text, Invariant));
}

internal sealed class LabelType<T>(string name, PrimitiveDataViewType type, Func<T, string> format, Func<string, T> parse) : LabelType(name, type)
{
    public override LabelValues Read(DataViewSchema.Annotations annotations)
    {
        VBuffer<T> values = default;
        annotations.GetValue(AnnotationNames.KeyValues, ref values);
        return Of([.. values.DenseValues()]);
    }

    public override LabelValues Parse(IReadOnlyList<string> texts) => Of([.. texts.Select(parse)]);

    private LabelValues<T> Of(T[] values) => new(Type, values, [.. values.Select(format)]);
}

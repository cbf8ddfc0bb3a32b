using Microsoft.ML.Internal.DataView;

namespace Microsoft.ML.Data;

/// <summary>A key: 0 is missing, 1 to <see cref="Count"/> are the values.</summary>
public sealed class KeyDataViewType : PrimitiveDataViewType
{
    public KeyDataViewType(Type type, ulong count)
        : base(type)
    {
        if (!IsValidDataType(type))
            throw Check.ParamError(nameof(type), $"A key holds Byte, UInt16, UInt32 or UInt64; got {type}.");
        ulong largest = LargestValue(type);
        if (count == 0 || count > largest)
            throw Check.ParamError(
                nameof(count), $"The number of values of a key must be from 1 to {largest} for {type.Name}; got {count}.");
        Count = count;
    }

    public KeyDataViewType(Type type, int count)
        : this(type, (ulong)count)
    {
        Check.Param(count > 0, nameof(count), "The number of values of a key must be positive.");
    }

    public ulong Count { get; }

    public static bool IsValidDataType(Type type)
    {
        return type == typeof(uint) || type == typeof(ulong) || type == typeof(ushort) || type == typeof(byte);
    }

    public override bool Equals(DataViewType other)
    {
        return ReferenceEquals(this, other) || (other is KeyDataViewType key && key.RawType == RawType && key.Count == Count);
    }

    public override bool Equals(object other) => other is DataViewType type && Equals(type);

    public override int GetHashCode() => HashCode.Combine(RawType, Count);

    public override string ToString() => $"Key<{RawType.Name}, 0-{Count - 1}>";

    internal static ulong LargestValue(Type type)
    {
        return type == typeof(byte) ? byte.MaxValue
            : type == typeof(ushort) ? ushort.MaxValue
            : type == typeof(uint) ? uint.MaxValue
            : ulong.MaxValue;
    }
}

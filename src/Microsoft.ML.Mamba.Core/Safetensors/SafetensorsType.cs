namespace Microsoft.ML.Mamba.Safetensors;

/// <summary>The element types of a safetensors file that can be read. Names as in the file, but for <see cref="Bool"/> (<c>BOOL</c>).</summary>
public enum SafetensorsType
{
    /// <summary>IEEE 754 double precision.</summary>
    F64,

    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>The upper half of a single-precision value.</summary>
    BF16,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,
}

/// <summary>Facts about the element types.</summary>
internal static class SafetensorsTypes
{
    /// <summary>The type of a name in a file, or null where it cannot be read.</summary>
    public static SafetensorsType? Parse(string name) => name switch
    {
        "F64" => SafetensorsType.F64,
        "F32" => SafetensorsType.F32,
        "F16" => SafetensorsType.F16,
        "BF16" => SafetensorsType.BF16,
        "I64" => SafetensorsType.I64,
        "I32" => SafetensorsType.I32,
        "I16" => SafetensorsType.I16,
        "I8" => SafetensorsType.I8,
        "U64" => SafetensorsType.U64,
        "U32" => SafetensorsType.U32,
        "U16" => SafetensorsType.U16,
        "U8" => SafetensorsType.U8,
        "BOOL" => SafetensorsType.Bool,
        _ => null,
    };

    /// <summary>Bytes of an element.</summary>
    public static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 or SafetensorsType.U64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 or SafetensorsType.U32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 or SafetensorsType.U16 => 2,
        _ => 1,
    };

    /// <summary>The type whose elements are read as <typeparamref name="T"/>, or null.</summary>
    public static SafetensorsType? Of<T>() where T : unmanaged
    {
        Type type = typeof(T);
        return type == typeof(double) ? SafetensorsType.F64
            : type == typeof(float) ? SafetensorsType.F32
            : type == typeof(Half) ? SafetensorsType.F16
            : type == typeof(long) ? SafetensorsType.I64
            : type == typeof(int) ? SafetensorsType.I32
            : type == typeof(short) ? SafetensorsType.I16
            : type == typeof(sbyte) ? SafetensorsType.I8
            : type == typeof(ulong) ? SafetensorsType.U64
            : type == typeof(uint) ? SafetensorsType.U32
            : type == typeof(ushort) ? SafetensorsType.U16
            : type == typeof(byte) ? SafetensorsType.U8
            : type == typeof(bool) ? SafetensorsType.Bool
            : null;
    }
}

namespace Microsoft.ML.Data;

public enum DataKind : byte
{
    SByte = 1,
    Byte = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Int64 = 7,
    UInt64 = 8,
    Single = 9,
    Double = 10,
    String = 11,
    Boolean = 12,
    TimeSpan = 13,
    DateTime = 14,
    DateTimeOffset = 15,
}

internal enum InternalDataKind : byte
{
    I1 = DataKind.SByte,
    U1 = DataKind.Byte,
    I2 = DataKind.Int16,
    U2 = DataKind.UInt16,
    I4 = DataKind.Int32,
    U4 = DataKind.UInt32,
    I8 = DataKind.Int64,
    U8 = DataKind.UInt64,
    R4 = DataKind.Single,
    R8 = DataKind.Double,
    TX = DataKind.String,
    BL = DataKind.Boolean,
    TS = DataKind.TimeSpan,
    DT = DataKind.DateTime,
    DZ = DataKind.DateTimeOffset,
    UG = 16,
}

internal static class InternalDataKindExtensions
{
    private static readonly Dictionary<InternalDataKind, Type> _types = new()
    {
        [InternalDataKind.I1] = typeof(sbyte),
        [InternalDataKind.U1] = typeof(byte),
        [InternalDataKind.I2] = typeof(short),
        [InternalDataKind.U2] = typeof(ushort),
        [InternalDataKind.I4] = typeof(int),
        [InternalDataKind.U4] = typeof(uint),
        [InternalDataKind.I8] = typeof(long),
        [InternalDataKind.U8] = typeof(ulong),
        [InternalDataKind.R4] = typeof(float),
        [InternalDataKind.R8] = typeof(double),
        [InternalDataKind.TX] = typeof(ReadOnlyMemory<char>),
        [InternalDataKind.BL] = typeof(bool),
        [InternalDataKind.TS] = typeof(TimeSpan),
        [InternalDataKind.DT] = typeof(DateTime),
        [InternalDataKind.DZ] = typeof(DateTimeOffset),
        [InternalDataKind.UG] = typeof(DataViewRowId),
    };

    private static readonly Dictionary<Type, InternalDataKind> _kinds =
        new(_types.Select(pair => KeyValuePair.Create(pair.Value, pair.Key))) { [typeof(string)] = InternalDataKind.TX };

    public static InternalDataKind ToInternalDataKind(this DataKind dataKind) => (InternalDataKind)dataKind;

    public static Type ToType(this InternalDataKind kind) => _types.GetValueOrDefault(kind);

    public static bool TryGetDataKind(this Type type, out InternalDataKind kind)
    {
        kind = default;
        return type != null && _kinds.TryGetValue(type, out kind);
    }

    public static string GetString(this InternalDataKind kind) => _types.ContainsKey(kind) ? kind.ToString() : "";
}

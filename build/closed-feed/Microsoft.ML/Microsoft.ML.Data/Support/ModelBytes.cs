namespace Microsoft.ML.Data;

/// <summary>Flags and characters as a model file holds them.</summary>
internal static class ModelBytes
{
    public static void Write(BinaryWriter writer, bool value) => writer.Write(value ? (byte)1 : (byte)0);

    public static bool ReadBoolean(BinaryReader reader)
    {
        byte value = reader.ReadByte();
        Contracts.CheckDecode(value <= 1);
        return value == 1;
    }

    /// <summary>A count, then two bytes a character.</summary>
    public static void Write(BinaryWriter writer, char[] values)
    {
        writer.Write(values.Length);
        foreach (char value in values)
            writer.Write((ushort)value);
    }

    public static char[] ReadChars(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        Contracts.CheckDecode(count is >= 0 and <= 1024);
        return Enumerable.Range(0, count).Select(_ => (char)reader.ReadUInt16()).ToArray();
    }
}

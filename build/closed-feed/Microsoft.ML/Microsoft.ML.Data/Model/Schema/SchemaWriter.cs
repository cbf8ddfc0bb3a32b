using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.StandIn;

/// <summary>
/// Writes a schema as a binary data view (IDV) file of no rows: a header of 256 bytes, each column's annotations and their table,
/// the table of columns, and a closing signature.
/// </summary>
internal static class SchemaWriter
{
    public const int HeaderSize = 256;
    public const ulong Signature = 0x00425644004C4D43;
    public const ulong TailSignature = 0x434D4C0044564200;
    public const ulong FormatVersion = 0x0001000100010006;
    public const byte Uncompressed = 0;
    public const byte Deflated = 1;

    public static void Write(Stream stream, DataViewSchema schema, IChannel channel)
    {
        var columns = new List<(DataViewSchema.Column Column, ValueCodec Codec)>();
        foreach (DataViewSchema.Column column in schema)
        {
            if (ValueCodecs.FindOrNull(column.Type) is { } codec)
                columns.Add((column, codec));
            else
                channel.Info(
                    MessageSensitivity.Schema, "The column '{0}' will not be written as it has unsavable column type.", column.Name);
        }

        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(new byte[HeaderSize]);
        long[] annotationTables = columns.Select(item => WriteAnnotations(writer, item.Column, channel)).ToArray();
        long columnTable = stream.Position;
        for (int i = 0; i < columns.Count; i++)
        {
            writer.Write(columns[i].Column.Name);
            columns[i].Codec.WriteDefinition(writer);
            writer.Write(Deflated);
            writer.Write7BitEncodedInt(1);
            // No rows: the table of blocks is empty and lies where the blocks would end.
            writer.Write((long)HeaderSize);
            writer.Write(annotationTables[i]);
        }
        long tail = stream.Position;
        writer.Write(TailSignature);

        stream.Position = 0;
        writer.Write(Signature);
        writer.Write(FormatVersion);
        writer.Write(FormatVersion);
        writer.Write(columnTable);
        writer.Write(tail);
        writer.Write(0L);
        writer.Write(columns.Count);
    }

    private static long WriteAnnotations(BinaryWriter writer, DataViewSchema.Column column, IChannel channel)
    {
        var entries = new List<(string Kind, ValueCodec Codec, byte Compression, long Offset, long Size)>();
        foreach (DataViewSchema.Column annotation in column.Annotations.Schema)
        {
            if (entries.Any(entry => entry.Kind == annotation.Name))
                throw channel.Except("Metadata with duplicate kind '{0}' encountered, disallowed", annotation.Name);
            ValueCodec codec = ValueCodecs.FindOrNull(annotation.Type);
            if (codec == null)
            {
                channel.Warning(
                    MessageSensitivity.Schema, "Could not get codec for type {0}, dropping column '{1}' index {2} metadata kind '{3}'",
                    annotation.Type, column.Name, column.Index, annotation.Name);
                continue;
            }
            long offset = writer.BaseStream.Position;
            byte compression = WriteValue(writer, column, annotation.Name, codec);
            entries.Add((annotation.Name, codec, compression, offset, writer.BaseStream.Position - offset));
        }
        if (entries.Count == 0)
            return 0;
        long table = writer.BaseStream.Position;
        writer.Write7BitEncodedInt(entries.Count);
        foreach (var entry in entries)
        {
            writer.Write(entry.Kind);
            entry.Codec.WriteDefinition(writer);
            writer.Write(entry.Compression);
            writer.Write(entry.Offset);
            writer.Write7BitEncodedInt64(entry.Size);
        }
        return table;
    }

    private static byte WriteValue(BinaryWriter writer, DataViewSchema.Column column, string kind, ValueCodec codec)
    {
        using var plain = new MemoryStream();
        using (var valueWriter = new BinaryWriter(plain, Encoding.UTF8, leaveOpen: true))
            codec.WriteAnnotation(valueWriter, column.Annotations, kind);
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionMode.Compress, leaveOpen: true))
            deflate.Write(plain.GetBuffer(), 0, (int)plain.Length);
        bool pays = packed.Length < plain.Length;
        writer.Flush();
        (pays ? packed : plain).WriteTo(writer.BaseStream);
        return pays ? Deflated : Uncompressed;
    }
}

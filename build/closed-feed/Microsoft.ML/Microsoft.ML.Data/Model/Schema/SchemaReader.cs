using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.StandIn;

/// <summary>Reads what <see cref="SchemaWriter"/>, or the real package, wrote. Columns of unknown kinds are left out.</summary>
internal static class SchemaReader
{
    private const ulong FirstVersion = 0x0001000100010002;
    private const ulong AnnotationVersion = 0x0001000100010004;

    public static DataViewSchema Read(Stream stream, IExceptionContext context)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        context.CheckDecode(stream.Length >= SchemaWriter.HeaderSize, "The schema is shorter than its header");
        context.CheckDecode(reader.ReadUInt64() == SchemaWriter.Signature, "This does not appear to be a binary dataview file");
        ulong version = reader.ReadUInt64();
        ulong compatible = reader.ReadUInt64();
        context.CheckDecode(compatible <= version && version >= FirstVersion, "Unexpected version of the schema");
        context.Check(
            compatible >= AnnotationVersion && compatible <= SchemaWriter.FormatVersion,
            "The schema was written by a version that this one does not read");
        long columnTable = reader.ReadInt64();
        long tail = reader.ReadInt64();
        reader.ReadInt64();
        int count = reader.ReadInt32();
        bool tailFits = tail >= SchemaWriter.HeaderSize && tail <= stream.Length - sizeof(ulong);
        context.CheckDecode(count >= 0 && tailFits, "Corrupt schema header");
        stream.Position = tail;
        context.CheckDecode(reader.ReadUInt64() == SchemaWriter.TailSignature, "Incorrect tail signature");

        var builder = new DataViewSchema.Builder();
        context.CheckDecode(count == 0 || (columnTable >= SchemaWriter.HeaderSize && columnTable <= tail), "Corrupt schema header");
        stream.Position = columnTable;
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadString();
            ValueCodec codec = ValueCodecs.ReadDefinitionOrNull(reader);
            byte compression = reader.ReadByte();
            reader.Read7BitEncodedInt64();
            reader.ReadInt64();
            long annotationTable = reader.ReadInt64();
            context.CheckDecode(name.Length > 0 && annotationTable >= 0 && annotationTable <= tail, "Corrupt schema column");
            long next = stream.Position;
            if (codec != null && compression <= SchemaWriter.Deflated)
                builder.AddColumn(name, codec.Type, annotationTable == 0 ? null : ReadAnnotations(reader, annotationTable, tail, context));
            stream.Position = next;
        }
        return builder.ToSchema();
    }

    private static DataViewSchema.Annotations ReadAnnotations(BinaryReader reader, long table, long tail, IExceptionContext context)
    {
        reader.BaseStream.Position = table;
        long count = reader.Read7BitEncodedInt64();
        context.CheckDecode(count > 0 && count <= tail, "Bad number of annotations");
        var builder = new DataViewSchema.Annotations.Builder();
        for (long i = 0; i < count; i++)
        {
            string kind = reader.ReadString();
            ValueCodec codec = ValueCodecs.ReadDefinitionOrNull(reader);
            byte compression = reader.ReadByte();
            long offset = reader.ReadInt64();
            long size = reader.Read7BitEncodedInt64();
            bool blockFits = offset >= SchemaWriter.HeaderSize && offset <= tail && size > 0 && size <= tail - offset;
            context.CheckDecode(kind.Length > 0 && blockFits, "Bad annotation block");
            long next = reader.BaseStream.Position;
            if (codec != null && compression <= SchemaWriter.Deflated)
            {
                reader.BaseStream.Position = offset;
                using var value = new BinaryReader(Unpack(reader, size, compression));
                codec.ReadAnnotation(value, builder, kind);
            }
            reader.BaseStream.Position = next;
        }
        return builder.ToAnnotations();
    }

    private static MemoryStream Unpack(BinaryReader reader, long size, byte compression)
    {
        Contracts.CheckDecode(size <= int.MaxValue);
        var block = new MemoryStream(reader.ReadBytes((int)size));
        if (compression == SchemaWriter.Uncompressed)
            return block;
        using var deflate = new DeflateStream(block, CompressionMode.Decompress);
        var plain = new MemoryStream();
        deflate.CopyTo(plain);
        plain.Position = 0;
        return plain;
    }
}

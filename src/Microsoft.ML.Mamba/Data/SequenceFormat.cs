using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

internal enum SequenceKind
{
    Text,
    Frames,
    Keys,
    Integers,
}

/// <summary>How a column's type holds a sequence. Channels is 0 except for frames; KeyCount is 0 except for keys.</summary>
internal sealed record SequenceFormat(SequenceKind Kind, int Channels, ulong KeyCount)
{
    private const string Expected =
        "a sequence column must be text, a vector of Single (frames), or a vector of keys or integers (token ids)";

    private static readonly NumberDataViewType[] Integers =
    [
        NumberDataViewType.Byte, NumberDataViewType.SByte, NumberDataViewType.UInt16, NumberDataViewType.Int16,
        NumberDataViewType.UInt32, NumberDataViewType.Int32, NumberDataViewType.UInt64, NumberDataViewType.Int64,
    ];

    /// <summary>Reads the format off a column's type.</summary>
    /// <exception cref="ArgumentException">The type holds no sequence, or not with this number of channels.</exception>
    public static SequenceFormat Of(string column, DataViewType type, int? channels)
    {
        if (type is TextDataViewType)
            return new SequenceFormat(SequenceKind.Text, 0, 0);
        if (type is not VectorDataViewType vector)
            throw Unsupported(column, type);
        if (vector.ItemType is KeyDataViewType key)
            return new SequenceFormat(SequenceKind.Keys, 0, key.Count);
        if (Integers.Contains(vector.ItemType))
            return new SequenceFormat(SequenceKind.Integers, 0, 0);
        if (!vector.ItemType.Equals(NumberDataViewType.Single))
            throw Unsupported(column, type);
        return new SequenceFormat(SequenceKind.Frames, ChannelsOf(column, vector, channels), 0);
    }

    /// <summary>The kind that a schema shape's column has, or null where it holds no sequence.</summary>
    public static SequenceKind? KindOf(SchemaShape.Column column)
    {
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar)
            return column.ItemType is TextDataViewType ? SequenceKind.Text : null;
        if (column.IsKey)
            return SequenceKind.Keys;
        if (column.ItemType.Equals(NumberDataViewType.Single))
            return SequenceKind.Frames;
        return Integers.Contains(column.ItemType) ? SequenceKind.Integers : null;
    }

    public static ArgumentException Unsupported(string column, object type) =>
        new($"Column '{column}' has type {type}; {Expected}. Convert numbers with Conversion.ConvertType.");

    private static int ChannelsOf(string column, VectorDataViewType vector, int? channels)
    {
        if (vector.Dimensions.Length == 2 && vector.Dimensions[1] > 0)
        {
            int own = vector.Dimensions[1];
            if (channels is { } wanted && wanted != own)
                throw new ArgumentException($"Column '{column}' of type {vector} has {own} channels a frame; {wanted} were expected.");
            return own;
        }

        if (vector.Dimensions.Length > 2 || (vector.Dimensions.Length == 2 && channels is null))
            throw new ArgumentException(
                $"Column '{column}' has type {vector}; frames must be a vector of shape [length] or [length, channels], "
                + "or flattened with InputChannels set.");
        int count = channels ?? 1;
        if (vector.IsKnownSize && vector.Size % count != 0)
            throw new ArgumentException(
                $"Column '{column}' of type {vector} has {vector.Size} values a row, which is no multiple of the {count} channels that "
                + "were expected.");
        return count;
    }
}

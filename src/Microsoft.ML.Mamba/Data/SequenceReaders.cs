using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Chooses the reader of a column.</summary>
internal static class SequenceReaders
{
    /// <param name="row">The row or cursor to read from.</param>
    /// <param name="column">Its sequence column, active in the row.</param>
    /// <param name="rules">What to do with long and empty sequences.</param>
    /// <param name="coding">How its values become what the engine reads.</param>
    public static SequenceReader Create(DataViewRow row, DataViewSchema.Column column, SequenceRules rules, SequenceCoding coding)
    {
        if (coding.Kind == SequenceKind.Text)
            return new TextReader(row, column, rules, coding.Tokenizer!);
        if (coding.Kind == SequenceKind.Frames)
            return new FrameReader(row, column, rules, coding.Frames!);
        Type item = ((VectorDataViewType)column.Type).ItemType.RawType;
        return Type.GetTypeCode(item) switch
        {
            TypeCode.Byte => Ids<byte>(),
            TypeCode.SByte => Ids<sbyte>(),
            TypeCode.UInt16 => Ids<ushort>(),
            TypeCode.Int16 => Ids<short>(),
            TypeCode.UInt32 => Ids<uint>(),
            TypeCode.Int32 => Ids<int>(),
            TypeCode.UInt64 => Ids<ulong>(),
            _ => Ids<long>(),
        };

        TokenIdReader<T> Ids<T>() where T : unmanaged, IBinaryInteger<T> => new(row, column, rules, coding.VocabSize);
    }
}

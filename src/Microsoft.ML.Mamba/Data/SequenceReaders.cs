using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Chooses the reader of a column.</summary>
internal static class SequenceReaders
{
    /// <param name="row">The row or cursor to read from.</param>
    /// <param name="column">Its sequence column, active in the row.</param>
    /// <param name="kind">How the column holds sequences.</param>
    /// <param name="rules">What to do with long and empty sequences.</param>
    /// <param name="tokenizer">For text.</param>
    /// <param name="channels">For frames.</param>
    /// <param name="vocabSize">For keys and integers: ids must be below.</param>
    public static SequenceReader Create(
        DataViewRow row, DataViewSchema.Column column, SequenceKind kind, SequenceRules rules, SequenceTokenizer? tokenizer, int channels, int vocabSize)
    {
        if (kind == SequenceKind.Text)
            return new TextReader(row, column, rules, tokenizer!);
        if (kind == SequenceKind.Frames)
            return new FrameReader(row, column, rules, channels);
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

        TokenIdReader<T> Ids<T>() where T : unmanaged, IBinaryInteger<T> => new(row, column, rules, vocabSize);
    }
}

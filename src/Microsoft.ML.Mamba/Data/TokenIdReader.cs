using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Reads a vector of keys or integers as token ids. A key's id is its raw value, so a missing key is id 0.</summary>
internal sealed class TokenIdReader<T>(DataViewRow row, DataViewSchema.Column column, SequenceRules rules, int vocabSize) : SequenceReader(row, rules)
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly ValueGetter<VBuffer<T>> _getter = row.GetGetter<VBuffer<T>>(column);
    private VBuffer<T> _values;

    public override bool Append(PackedRows rows)
    {
        _getter(ref _values);
        (int start, int count) = Window(_values.Length);
        if (count == 0)
            return false;
        Span<int> ids = rows.ReserveTokens(count);
        if (_values.IsDense)
        {
            ReadOnlySpan<T> values = _values.GetValues().Slice(start, count);
            for (int i = 0; i < count; i++)
                ids[i] = IdOf(values[i], start + i);
        }
        else
        {
            ids.Clear();
            ReadOnlySpan<int> indices = _values.GetIndices();
            ReadOnlySpan<T> values = _values.GetValues();
            for (int i = 0; i < indices.Length; i++)
            {
                if (indices[i] >= start && indices[i] < start + count)
                    ids[indices[i] - start] = IdOf(values[i], indices[i]);
            }
        }

        rows.Commit(count);
        return true;
    }

    private int IdOf(T value, int position)
    {
        if (T.IsNegative(value) || ulong.CreateTruncating(value) >= (ulong)vocabSize)
            throw new InvalidDataException($"Row {Row.Position}: column '{Column}' has token id {value} at position {position}; ids must be 0 to {vocabSize - 1}.");
        return int.CreateTruncating(value);
    }
}

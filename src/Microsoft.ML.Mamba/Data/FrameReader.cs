using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Reads a vector of Single as frames, <c>[length, channels]</c> row-major.</summary>
internal sealed class FrameReader(DataViewRow row, DataViewSchema.Column column, SequenceRules rules, int channels) : SequenceReader(row, rules)
{
    private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
    private VBuffer<float> _values;

    public override bool Append(PackedRows rows)
    {
        _getter(ref _values);
        if (_values.Length % channels != 0)
            throw new InvalidDataException($"Row {Row.Position}: column '{Column}' has {_values.Length} values, which is no multiple of the {channels} channels of a frame.");
        int length = _values.Length / channels;
        (int start, int count) = Window(length);
        if (count == 0)
            return false;
        Span<float> kept;
        if (_values.IsDense)
        {
            kept = rows.ReserveFrames(count);
            _values.GetValues().Slice(start * channels, count * channels).CopyTo(kept);
        }
        else
        {
            Span<float> all = rows.ReserveFrames(length);
            _values.CopyTo(all);
            MoveToFront(all, start * channels, count * channels);
            kept = all[..(count * channels)];
        }

        CheckFinite(kept, start);
        rows.Commit(count);
        return true;
    }

    private void CheckFinite(ReadOnlySpan<float> values, int start)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new InvalidDataException(
                    $"Row {Row.Position}: column '{Column}' has {values[i]} at frame {start + i / channels}, channel {i % channels}; frames must be finite. ReplaceMissingValues fills such values.");
            }
        }
    }
}

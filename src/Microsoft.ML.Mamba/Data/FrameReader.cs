using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>
/// Reads a vector of Single as frames, <c>[length, channels]</c> row-major, and prepares them; or, where <paramref name="learned"/> is
/// given, adds them to it as they are.
/// </summary>
internal sealed class FrameReader(DataViewRow row, DataViewSchema.Column column, SequenceRules rules, FramePreparation preparation, FrameStatistics? learned = null)
    : SequenceReader(row, rules)
{
    private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
    private readonly int _channels = preparation.Channels;
    private VBuffer<float> _values;

    public override bool Append(PackedRows rows)
    {
        _getter(ref _values);
        if (_values.Length % _channels != 0)
            throw new InvalidDataException(
                $"Row {Row.Position}: column '{Column}' has {_values.Length} values, which is no multiple of the {_channels} channels of a "
                + "frame.");
        int length = _values.Length / _channels;
        (int start, int count) = Window(length);
        if (count == 0)
            return false;
        Span<float> kept;
        if (_values.IsDense)
        {
            kept = rows.ReserveFrames(count);
            _values.GetValues().Slice(start * _channels, count * _channels).CopyTo(kept);
        }
        else
        {
            Span<float> all = rows.ReserveFrames(length);
            _values.CopyTo(all);
            MoveToFront(all, start * _channels, count * _channels);
            kept = all[..(count * _channels)];
        }

        Use(kept, start);
        rows.Commit(count);
        return true;
    }

    private void Use(Span<float> frames, int start)
    {
        int bad = learned is null ? preparation.Apply(frames) : preparation.IndexOfUnusable(frames);
        if (bad >= 0)
        {
            throw new InvalidDataException(
                $"Row {Row.Position}: column '{Column}' has {frames[bad]} at frame {start + bad / _channels}, "
                + $"channel {bad % _channels}{FramePreparation.WhyUnusable(frames[bad])}");
        }

        learned?.Add(frames);
    }
}

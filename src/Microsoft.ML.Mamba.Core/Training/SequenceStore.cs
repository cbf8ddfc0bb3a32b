namespace Microsoft.ML.Mamba.Training;

/// <summary>Sequences of values laid end to end in a few large arrays, so that all together may exceed what one array can hold. Append-only.</summary>
internal sealed class SequenceStore<T> where T : unmanaged
{
    private const int SegmentLength = 1 << 24;

    private readonly List<T[]> _segments = [];
    private readonly List<(int Segment, int Start, int Length)> _places = [];
    private int _used;

    public int Count => _places.Count;

    public ReadOnlySpan<T> this[int index]
    {
        get
        {
            (int segment, int start, int length) = _places[index];
            return _segments[segment].AsSpan(start, length);
        }
    }

    public int LengthOf(int index) => _places[index].Length;

    public void Add(ReadOnlySpan<T> values)
    {
        Reserve(values.Length);
        values.CopyTo(_segments[^1].AsSpan(_used));
        _places.Add((_segments.Count - 1, _used, values.Length));
        _used += values.Length;
    }

    // A segment doubles until it is full; a sequence never straddles two.
    private void Reserve(int length)
    {
        if (_segments.Count > 0 && length <= _segments[^1].Length - _used)
            return;
        long needed = _segments.Count == 0 ? length : (long)_used + length;
        if (_segments.Count > 0 && needed <= SegmentLength)
        {
            T[] segment = _segments[^1];
            Array.Resize(ref segment, (int)Math.Clamp(segment.Length * 2L, needed, SegmentLength));
            _segments[^1] = segment;
            return;
        }

        _segments.Add(new T[_segments.Count == 0 ? Math.Max(length, 1024) : Math.Max(length, SegmentLength)]);
        _used = 0;
    }
}

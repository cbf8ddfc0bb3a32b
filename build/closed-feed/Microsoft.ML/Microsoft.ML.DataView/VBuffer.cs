using System.Collections;
using Microsoft.ML.Internal.DataView;

namespace Microsoft.ML.Data;

/// <summary>A dense or sparse vector over arrays that a consumer hands back to be filled again.</summary>
public readonly struct VBuffer<T> : IEnumerable
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;

    public readonly int Length;

    public VBuffer(int length, T[] values, int[] indices = null)
    {
        Check.Param(length >= 0, nameof(length));
        Check.Param((values?.Length ?? 0) >= length, nameof(values));
        Length = length;
        _count = length;
        _values = values;
        _indices = indices;
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        Check.Param(length >= 0, nameof(length));
        Check.Param(count >= 0 && count <= length, nameof(count));
        Check.Param((values?.Length ?? 0) >= count, nameof(values));
        Check.Param(count == length || (indices?.Length ?? 0) >= count, nameof(indices));
        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    public bool IsDense => _count == Length;

    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public void CopyToDense(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        Check.Param(sourceIndex >= 0 && sourceIndex <= Length, nameof(sourceIndex));
        Check.Param(length >= 0 && sourceIndex <= Length - length, nameof(length));
        int first = IsDense ? sourceIndex : Position(sourceIndex);
        int count = IsDense ? length : Position(sourceIndex + length) - first;
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length, count);
        _values.AsSpan(first, count).CopyTo(editor.Values);
        for (int i = 0; i < editor.Indices.Length; i++)
            editor.Indices[i] = _indices[first + i] - sourceIndex;
        destination = editor.Commit();
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default(T))
    {
        Check.Param(
            destinationIndex >= 0 && destinationIndex <= destination.Length - Length,
            nameof(destination),
            "Not large enough to hold these values.");
        Span<T> target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }
        // A buffer without any explicit value is cleared, whatever the default given: so does the real one.
        target.Fill(_count == 0 ? default : defaultValue);
        for (int i = 0; i < _count; i++)
            target[_indices[i]] = _values[i];
    }

    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        int available = source?.Length ?? 0;
        Check.Param(length >= 0 && length <= available, nameof(length));
        Check.Param(sourceIndex >= 0 && sourceIndex <= available - length, nameof(sourceIndex));
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        return all && !IsDense ? Pairs(_values, _indices, Length, _count) : ExplicitPairs(_values, IsDense ? null : _indices, _count);
    }

    public IEnumerable<T> DenseValues()
    {
        return IsDense ? (_values ?? []).Take(_count) : Pairs(_values, _indices, Length, _count).Select(pair => pair.Value);
    }

    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    public T GetItemOrDefault(int index)
    {
        Check.Param(index >= 0 && index < Length, nameof(index));
        if (IsDense)
            return _values[index];
        int position = Position(index);
        return position < _count && _indices[position] == index ? _values[position] : default;
    }

    public override string ToString()
    {
        return IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";
    }

    public IEnumerator GetEnumerator() => _values.GetEnumerator();

    internal VBufferEditor<T> GetEditor() => GetEditor(Length, _count, null, false, false);

    internal VBufferEditor<T> GetEditor(
        int newLogicalLength, int? valuesCount, int? maxValuesCapacity, bool keepOldOnResize, bool requireIndicesOnDense)
    {
        Check.Param(newLogicalLength >= 0, nameof(newLogicalLength), "Must be non-negative.");
        Check.Param(valuesCount is not < 0, nameof(valuesCount), "If specified, must be non-negative.");
        Check.Param(
            valuesCount is null || valuesCount <= newLogicalLength,
            nameof(valuesCount),
            $"If specified, must be no greater than {nameof(newLogicalLength)}");
        int count = valuesCount ?? newLogicalLength;
        int capacity = maxValuesCapacity ?? Array.MaxLength;
        T[] values = _values;
        int[] indices = _indices;
        bool createdValues = Grow(ref values, count, capacity, keepOldOnResize);
        bool needsIndices = count < newLogicalLength || requireIndicesOnDense;
        bool createdIndices = needsIndices && Grow(ref indices, count, capacity, keepOldOnResize);
        return new VBufferEditor<T>(newLogicalLength, count, values, indices, requireIndicesOnDense, createdValues, createdIndices);
    }

    private static bool Grow<TItem>(ref TItem[] array, int count, int capacity, bool keep)
    {
        if (count > capacity)
            throw new ArgumentOutOfRangeException("max", "min must not exceed max");
        int size = array?.Length ?? 0;
        if (size >= count)
            return false;
        int grown = (int)Math.Max(Math.Min(size == 0 ? 4L : 2L * size, capacity), count);
        if (keep && size > 0)
            Array.Resize(ref array, grown);
        else
            array = new TItem[grown];
        return true;
    }

    private static IEnumerable<KeyValuePair<int, T>> ExplicitPairs(T[] values, int[] indices, int count)
    {
        for (int i = 0; i < count; i++)
            yield return new KeyValuePair<int, T>(indices == null ? i : indices[i], values[i]);
    }

    private static IEnumerable<KeyValuePair<int, T>> Pairs(T[] values, int[] indices, int length, int count)
    {
        for (int slot = 0, next = 0; slot < length; slot++)
        {
            bool isExplicit = next < count && indices[next] == slot;
            yield return new KeyValuePair<int, T>(slot, isExplicit ? values[next++] : default);
        }
    }

    // The first explicit value at or after the slot.
    private int Position(int slot)
    {
        int found = _count == 0 ? 0 : Array.BinarySearch(_indices, 0, _count, slot);
        return found < 0 ? ~found : found;
    }
}

namespace Microsoft.ML.Data;

/// <summary>Building vectors, sparse where at most half of the slots are explicit.</summary>
internal static class Vectors
{
    public static VBuffer<T> FromDense<T>(T[] values) => new(values.Length, values);

    public static VBuffer<ReadOnlyMemory<char>> FromTexts(IEnumerable<string> texts)
        => FromDense(texts.Select(text => text.AsMemory()).ToArray());

    /// <summary>Puts the parts end to end into the buffers of an earlier result.</summary>
    public static VBuffer<T> Join<T>(VBuffer<T>[] parts, VBuffer<T> reused)
    {
        int length = 0;
        int count = 0;
        foreach (ref readonly VBuffer<T> part in parts.AsSpan())
        {
            length = checked(length + part.Length);
            count += part.GetValues().Length;
        }
        if (count > length / 2)
        {
            VBufferEditor<T> dense = VBufferEditor.Create(ref reused, length);
            int at = 0;
            foreach (ref readonly VBuffer<T> part in parts.AsSpan())
            {
                part.CopyTo(dense.Values[at..]);
                at += part.Length;
            }
            return dense.Commit();
        }
        VBufferEditor<T> sparse = VBufferEditor.Create(ref reused, length, count);
        int offset = 0;
        int written = 0;
        foreach (ref readonly VBuffer<T> part in parts.AsSpan())
        {
            ReadOnlySpan<T> values = part.GetValues();
            ReadOnlySpan<int> indices = part.GetIndices();
            for (int i = 0; i < values.Length; i++)
            {
                sparse.Values[written] = values[i];
                sparse.Indices[written++] = offset + (part.IsDense ? i : indices[i]);
            }
            offset += part.Length;
        }
        return sparse.Commit();
    }

    /// <summary>A vector with the given slots; the others hold the default.</summary>
    public static VBuffer<T> FromSlots<T>(int length, List<(int Slot, T Value)> slots, VBuffer<T> reused)
    {
        if (slots.Count > length / 2)
        {
            VBufferEditor<T> dense = VBufferEditor.Create(ref reused, length);
            dense.Values.Clear();
            foreach ((int slot, T value) in slots)
                dense.Values[slot] = value;
            return dense.Commit();
        }
        VBufferEditor<T> sparse = VBufferEditor.Create(ref reused, length, slots.Count);
        for (int i = 0; i < slots.Count; i++)
        {
            sparse.Values[i] = slots[i].Value;
            sparse.Indices[i] = slots[i].Slot;
        }
        return sparse.Commit();
    }
}

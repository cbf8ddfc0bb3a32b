using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.Training;

/// <summary>A row of a dataset that equals every row with the same sequence, whatever its label. Hashing and comparing take time linear in its length.</summary>
internal readonly struct SequenceKey(SequenceDataset data, int row) : IEquatable<SequenceKey>
{
    private readonly SequenceDataset _data = data;

    public int Row => row;

    public int Label => _data.Labels[row];

    private ReadOnlySpan<byte> Bytes => _data.IsTokens ? MemoryMarshal.AsBytes(_data.TokensOf(row)) : MemoryMarshal.AsBytes(_data.FramesOf(row));

    public bool Equals(SequenceKey other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? other) => other is SequenceKey key && Equals(key);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }
}

namespace Microsoft.ML.Data;

/// <summary>How many values a key can take; without a count, as many as its number type holds.</summary>
public sealed class KeyCount
{
    public ulong? Count;

    public KeyCount()
    {
    }

    public KeyCount(ulong count)
    {
        Contracts.CheckParam(
            count != 0, nameof(count), "The cardinality of valid values of a KeyDataViewType column has to be strictly positive.");
        Count = count;
    }

    internal KeyDataViewType MakeType(Type raw)
    {
        Contracts.CheckParam(KeyDataViewType.IsValidDataType(raw), "Type", "Bad item type for Key");
        return new KeyDataViewType(raw, Count ?? KeyDataViewType.LargestValue(raw));
    }
}

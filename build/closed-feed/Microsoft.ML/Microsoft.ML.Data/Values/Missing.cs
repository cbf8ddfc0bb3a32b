namespace Microsoft.ML.Data;

/// <summary>What counts as a missing value: NaN for reals, 0 for keys, nothing for the other types.</summary>
internal static class Missing
{
    public delegate bool Test<T>(in T value);

    public static bool CanBeMissing(DataViewType itemType)
        => itemType is KeyDataViewType || itemType == NumberDataViewType.Single || itemType == NumberDataViewType.Double;

    public static Test<T> TestFor<T>(DataViewType itemType)
    {
        if (itemType is KeyDataViewType)
            return (in T value) => EqualityComparer<T>.Default.Equals(value, default);
        if (typeof(T) == typeof(float))
            return (Test<T>)(Delegate)(Test<float>)((in float value) => float.IsNaN(value));
        if (typeof(T) == typeof(double))
            return (Test<T>)(Delegate)(Test<double>)((in double value) => double.IsNaN(value));
        return (in T value) => false;
    }

    public static T ValueOrDefault<T>(DataViewType itemType)
    {
        if (itemType is not KeyDataViewType && typeof(T) == typeof(float))
            return (T)(object)float.NaN;
        if (itemType is not KeyDataViewType && typeof(T) == typeof(double))
            return (T)(object)double.NaN;
        return default;
    }
}

namespace Microsoft.ML.Data;

/// <summary>Which fields of a line a member is read from, counted from zero.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class LoadColumnAttribute : Attribute
{
    public LoadColumnAttribute(int fieldIndex) => Sources = [new TextLoader.Range(fieldIndex)];

    /// <param name="start">The first field.</param>
    /// <param name="end">The last field, included.</param>
    public LoadColumnAttribute(int start, int end) => Sources = [new TextLoader.Range(start, end)];

    public LoadColumnAttribute(int[] columnIndexes) => Sources = columnIndexes.Select(index => new TextLoader.Range(index)).ToList();

    internal List<TextLoader.Range> Sources { get; }
}

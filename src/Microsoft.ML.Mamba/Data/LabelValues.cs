using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>The values that the label column's keys stand for. Immutable.</summary>
internal abstract class LabelValues(IReadOnlyList<string> names)
{
    /// <summary>Each value as text: the class names.</summary>
    public IReadOnlyList<string> Names { get; } = names;

    public int Count => Names.Count;

    /// <summary>The values' type in a schema, or null where the label column has none.</summary>
    public abstract PrimitiveDataViewType? Type { get; }

    /// <summary>Adds the values as an annotation, where there are any.</summary>
    public abstract void AddTo(DataViewSchema.Annotations.Builder annotations, string kind);

    /// <summary>Adds the class names as an annotation, where there are values.</summary>
    public void AddNamesTo(DataViewSchema.Annotations.Builder annotations, string kind)
    {
        if (Type is null)
            return;
        ReadOnlyMemory<char>[] names = [.. Names.Select(name => name.AsMemory())];
        annotations.Add(kind, new VectorDataViewType(TextDataViewType.Instance, names.Length), Getter(names));
    }

    /// <summary>The values that a key column carries; without values the classes are called 0, 1, 2 ...</summary>
    public static LabelValues Of(DataViewSchema.Column label, int classes)
    {
        if (label.Annotations.Schema.GetColumnOrNull(AnnotationNames.KeyValues) is not { Type: VectorDataViewType vector } || vector.Size != classes)
            return new UnnamedLabels(classes);
        LabelType type = LabelType.Of(vector.ItemType)
            ?? throw new NotSupportedException($"The key values of label column '{label.Name}' have type {vector.ItemType}, which cannot be saved with a model.");
        return type.Read(label.Annotations);
    }

    /// <exception cref="ArgumentException">No class has this name.</exception>
    public int IndexOf(string label)
    {
        for (int i = 0; i < Count; i++)
        {
            if (Names[i] == label)
                return i;
        }

        string shown = string.Join(", ", Names.Take(20).Select(name => $"'{name}'")) + (Count > 20 ? $" and {Count - 20} more" : "");
        throw new ArgumentException($"The model has no class '{label}'; it has {shown}.", nameof(label));
    }

    /// <summary>Whether both hold the same values in the same order.</summary>
    public bool SameAs(LabelValues other) => Equals(Type, other.Type) && Names.SequenceEqual(other.Names);

    /// <summary>A getter that gives its own copy each time.</summary>
    protected static ValueGetter<VBuffer<T>> Getter<T>(T[] values) => (ref VBuffer<T> destination) =>
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, values.Length);
        values.CopyTo(editor.Values);
        destination = editor.Commit();
    };
}

/// <summary>Keys without values.</summary>
internal sealed class UnnamedLabels(int classes)
    : LabelValues([.. Enumerable.Range(0, classes).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))])
{
    public override PrimitiveDataViewType? Type => null;

    public override void AddTo(DataViewSchema.Annotations.Builder annotations, string kind)
    {
    }
}

internal sealed class LabelValues<T>(PrimitiveDataViewType type, T[] values, IReadOnlyList<string> names) : LabelValues(names)
{
    public override PrimitiveDataViewType Type => type;

    public override void AddTo(DataViewSchema.Annotations.Builder annotations, string kind) =>
        annotations.Add(kind, new VectorDataViewType(type, values.Length), Getter(values));
}

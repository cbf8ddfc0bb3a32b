namespace Microsoft.ML.Data;

/// <summary>An annotation given as a value: a scalar, text, an array or a vector.</summary>
internal sealed record MemberAnnotation(string Kind, DataViewType Type, Delegate Getter)
{
    public static MemberAnnotation Create<T>(string kind, T value, DataViewType type)
    {
        (Type item, bool isVector) = RowMember.ItemOf(typeof(T));
        string shape = isVector ? "vector" : "scalar";
        Contracts.Check(
            isVector == type is VectorDataViewType,
            $"Value inputted is supposed to be {shape}, but type of Annotationinfo is {(isVector ? "scalar" : "vector")}");
        Type expected = type.GetItemType().RawType;
        Contracts.Check(item == expected, $"Value inputted is supposed to have Type {item}, but type of Annotationinfo has {expected}");
        return new MemberAnnotation(kind, type, MakeGetter(value));
    }

    private static Delegate MakeGetter<T>(T value) => value switch
    {
        string text => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> target) => target = text.AsMemory()),
        string[] texts => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)(
            (ref VBuffer<ReadOnlyMemory<char>> target) => target = Vectors.FromTexts(texts)),
        Array array => (Delegate)Generic.Call(typeof(MemberAnnotation), nameof(ArrayGetter), null, array.GetType().GetElementType(), array),
        _ => (ValueGetter<T>)((ref T target) => target = value),
    };

    private static Delegate ArrayGetter<T>(Array array)
    {
        var values = (T[])array;
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> target) =>
        {
            VBufferEditor<T> editor = VBufferEditor.Create(ref target, values.Length);
            values.CopyTo(editor.Values);
            target = editor.Commit();
        });
    }
}

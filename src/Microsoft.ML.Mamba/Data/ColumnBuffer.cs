using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Values of one pass-through column for the rows that a scoring cursor has read ahead.</summary>
internal abstract class ColumnBuffer
{
    public abstract void Fill(int row);

    /// <summary>A getter of the value at the row that <paramref name="current"/> says.</summary>
    public abstract Delegate Getter(Func<int> current);

    public static ColumnBuffer Create(DataViewRow input, DataViewSchema.Column column, int rows) =>
        (ColumnBuffer)Activator.CreateInstance(typeof(ColumnBuffer<>).MakeGenericType(column.Type.RawType), input, column, rows)!;
}

internal sealed class ColumnBuffer<T> : ColumnBuffer
{
    private static readonly CopyValue Copy = MakeCopy();
    private readonly T[] _values;
    private readonly ValueGetter<T> _getter;

    private delegate void CopyValue(in T source, ref T destination);

    public ColumnBuffer(DataViewRow input, DataViewSchema.Column column, int rows)
    {
        _values = new T[rows];
        _getter = input.GetGetter<T>(column);
    }

    public override void Fill(int row) => _getter(ref _values[row]);

    public override Delegate Getter(Func<int> current) => (ValueGetter<T>)((ref T destination) => Copy(in _values[current()], ref destination));

    // Who asks for a vector owns what it gets and may change it, so vectors are copied deeply.
    private static CopyValue MakeCopy()
    {
        if (!typeof(T).IsGenericType || typeof(T).GetGenericTypeDefinition() != typeof(VBuffer<>))
            return (in T source, ref T destination) => destination = source;
        MethodInfo copy = typeof(ColumnBuffer<T>).GetMethod(nameof(CopyVector), BindingFlags.NonPublic | BindingFlags.Static)!;
        return copy.MakeGenericMethod(typeof(T).GetGenericArguments()).CreateDelegate<CopyValue>();
    }

    private static void CopyVector<TItem>(in VBuffer<TItem> source, ref VBuffer<TItem> destination) => source.CopyTo(ref destination);
}

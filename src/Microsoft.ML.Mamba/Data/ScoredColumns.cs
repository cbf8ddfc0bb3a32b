using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>What a getter gives for the two output columns, and the errors of getters.</summary>
internal static class ScoredColumns
{
    public static void CopyTo(ReadOnlySpan<float> probabilities, ref VBuffer<float> destination)
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref destination, probabilities.Length);
        probabilities.CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public static ValueGetter<TValue> Typed<TValue>(Delegate getter, DataViewSchema.Column column) => getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException(
            $"Column '{column.Name}' of type {column.Type} gives {column.Type.RawType}; a getter of {typeof(TValue)} was asked for.");

    public static InvalidOperationException NotActive(DataViewSchema.Column column) =>
        new($"Column '{column.Name}' is not active in this row; name it when the cursor is made.");
}

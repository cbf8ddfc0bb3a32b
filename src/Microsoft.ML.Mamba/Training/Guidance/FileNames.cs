using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Texts that are names of files, where their content was meant: what comes of a folder of files whose loading was forgotten.</summary>
internal static class FileNames
{
    private const int SampleRows = 8;

    /// <returns>A warning, or null.</returns>
    public static string? Of(IDataView rows, DataViewSchema.Column column)
    {
        using DataViewRowCursor cursor = rows.GetRowCursor([column]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> text = default;
        string? first = null;
        for (int row = 0; row < SampleRows && cursor.MoveNext(); row++)
        {
            getter(ref text);
            string name = text.ToString();
            // A word may be a file's name by accident, a path hardly.
            if (Path.GetExtension(name).Length < 2 || !File.Exists(name))
                return null;
            first ??= name;
        }

        return first is null ? null :
            $"Column '{column.Name}' has names of files, such as '{first}', which the model reads as text; their content is not looked at. "
            + "Put LoadWav and MelSpectrogram before this estimator for recordings, or load the content into a column of its own and set SequenceColumnName.";
    }
}

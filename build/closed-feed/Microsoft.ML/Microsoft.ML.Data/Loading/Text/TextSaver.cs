using System.Globalization;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>Writes rows as lines that the text loader reads back.</summary>
internal sealed class TextSaver(char separator, bool header, bool schema, bool forceDense)
{
    internal static class Defaults
    {
        internal const bool OutputSchema = true;
        internal const bool OutputHeader = true;
        internal const bool ForceDense = false;
    }

    public void Save(IDataView data, Stream stream, bool keepHidden)
    {
        DataViewSchema.Column[] columns = data.Schema.Where(column => (keepHidden || !column.IsHidden) && CanSave(column.Type)).ToArray();
        Contracts.Check(columns.Length > 0, "No valid columns to save");
        string separatorName = SeparatorName();
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        TextSaverColumn[] writers = columns.Select(column => TextSaverColumn.Create(cursor, column, separator)).ToArray();
        bool hasHeader = header && writers.Any(column => column.HasNames);
        if (schema)
            WriteSettings(writer, columns, hasHeader, separatorName);
        var line = new TextSaverLine(separator, forceDense);
        if (hasHeader)
        {
            foreach (TextSaverColumn column in writers)
                column.AddNames(line);
            line.Write(writer, "\"\"");
        }
        while (cursor.MoveNext())
        {
            foreach (TextSaverColumn column in writers)
                column.AddValues(line);
            line.Write(writer);
        }
    }

    private static bool CanSave(DataViewType type) => type.GetItemType() is KeyDataViewType || type.GetItemType().IsStandardScalar();

    private static void WriteSettings(TextWriter writer, DataViewSchema.Column[] columns, bool hasHeader, string separatorName)
    {
        writer.WriteLine("#@ TextLoader{");
        if (hasHeader)
            writer.WriteLine("#@   header+");
        writer.WriteLine($"#@   sep={separatorName}");
        int? at = 0;
        foreach (DataViewSchema.Column column in columns)
        {
            var vector = column.Type as VectorDataViewType;
            DataViewType item = column.Type.GetItemType();
            string kind = ShortName(item.RawType);
            string key = item is KeyDataViewType keyType ? $"[{keyType.Count.ToString(CultureInfo.InvariantCulture)}]" : "";
            string range = vector == null ? $"{at}" : vector.IsKnownSize ? $"{at}-{at + vector.Size - 1}" : $"{at}-**";
            bool plain = column.Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.') && at != null;
            if (!plain)
                throw NotCovered.Error($"Saving column '{column.Name}' as text with the loader's settings");
            writer.WriteLine($"#@   col={column.Name}:{kind}{key}:{range}");
            at = vector is { IsKnownSize: false } ? null : at + column.Type.GetValueCount();
        }
        writer.WriteLine("#@ }");
    }

    private string SeparatorName() => separator switch
    {
        ' ' => "space",
        '\t' => "tab",
        ',' => "comma",
        ';' => "semicolon",
        '|' => "bar",
        _ => throw Contracts.ExceptParam("Separator", "Invalid separator - must be: space, tab, comma, semicolon, or bar"),
    };

    private static string ShortName(Type raw)
        => raw.TryGetDataKind(out InternalDataKind kind)
            ? kind.GetString() : throw NotCovered.Error($"Saving values of type '{raw}' as text");
}

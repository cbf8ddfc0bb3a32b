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
        Guard.State(columns.Length > 0, "No valid columns to save");
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

    private static bool CanSave(DataViewType type) => ColumnTypes.Item(type) is KeyDataViewType || ColumnTypes.IsStandardScalar(ColumnTypes.Item(type));

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
            DataViewType item = ColumnTypes.Item(column.Type);
            string kind = ShortName(item.RawType);
            string key = item is KeyDataViewType keyType ? $"[{keyType.Count.ToString(CultureInfo.InvariantCulture)}]" : "";
            string range = vector == null ? $"{at}" : vector.IsKnownSize ? $"{at}-{at + vector.Size - 1}" : $"{at}-**";
            bool plain = column.Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.') && at != null;
            if (!plain)
                throw Guard.Unsupported($"Saving column '{column.Name}' as text with the loader's settings");
            writer.WriteLine($"#@   col={column.Name}:{kind}{key}:{range}");
            at = vector is { IsKnownSize: false } ? null : at + ColumnTypes.ValueCount(column.Type);
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
        _ => throw Guard.ParamError("Separator", "Invalid separator - must be: space, tab, comma, semicolon, or bar"),
    };

    private static string ShortName(Type raw)
    {
        if (raw == typeof(DataViewRowId))
            return "UG";
        return ColumnTypes.TryGetKind(raw, out DataKind kind) ? kind switch
        {
            DataKind.SByte => "I1",
            DataKind.Byte => "U1",
            DataKind.Int16 => "I2",
            DataKind.UInt16 => "U2",
            DataKind.Int32 => "I4",
            DataKind.UInt32 => "U4",
            DataKind.Int64 => "I8",
            DataKind.UInt64 => "U8",
            DataKind.Single => "R4",
            DataKind.Double => "R8",
            DataKind.String => "TX",
            DataKind.Boolean => "BL",
            DataKind.TimeSpan => "TS",
            DataKind.DateTime => "DT",
            _ => "DZ",
        } : throw Guard.Unsupported($"Saving values of type '{raw}' as text");
    }
}

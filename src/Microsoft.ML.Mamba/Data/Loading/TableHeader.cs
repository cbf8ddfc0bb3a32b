namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>The line of column names that a table starts with. Immutable.</summary>
internal sealed class TableHeader
{
    private readonly char _separator;

    private TableHeader(string[] columns, char separator) => (Columns, _separator) = (columns, separator);

    /// <summary>The columns' names, all different.</summary>
    public string[] Columns { get; }

    /// <exception cref="InvalidDataException">There is no line, or a name is empty or there twice.</exception>
    public static TableHeader Read(DelimitedLines lines, string path, char separator)
    {
        if (!lines.MoveNext())
            throw new InvalidDataException($"'{path}': the file is empty; a line of column names is expected.");
        string[] columns = [.. lines.Cells.Select(cell => cell.ToString())];
        for (int i = 0; i < columns.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(columns[i]))
                throw lines.Problem($"column {i + 1} has no name.");
            if (Array.IndexOf(columns, columns[i]) is var first && first < i)
                throw lines.Problem($"columns {first + 1} and {i + 1} have the same name, '{columns[i]}'.");
        }

        return new TableHeader(columns, separator);
    }

    /// <summary>The index of a column.</summary>
    /// <param name="lines">The table, for messages.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="hint">What else the message says, with a blank before it.</param>
    /// <exception cref="InvalidDataException">There is none of this name.</exception>
    public int Find(DelimitedLines lines, string name, string hint = "") => Array.IndexOf(Columns, name) is var index and >= 0 ? index : throw lines.Problem(
        $"there is no column '{name}'; the table has {List()}."
        + (Columns.Length == 1 ? $" Is {Show(_separator)} what stands between the columns?" : hint));

    public string List() =>
        string.Join(", ", Columns.Take(20).Select(column => $"'{column}'")) + (Columns.Length > 20 ? $" and {Columns.Length - 20} more" : "");

    private static string Show(char separator) => separator == '\t' ? "a tab" : $"'{separator}'";
}

using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data.Loading;

namespace Microsoft.ML;

public static partial class MambaDataCatalog
{
    /// <summary>
    /// Loads series of several channels and any length from a table with one row a time step: columns for the series' id, its label,
    /// perhaps the time, and one a channel. Rows with the same id stand together and make one sequence.
    /// </summary>
    /// <remarks>
    /// The view has the columns <c>Id</c> and <c>Label</c>, text, and <c>Sequence</c>, a vector of Single of <c>[any length, channels]</c>,
    /// which <c>MambaClassify</c> takes as it is. The file is read anew by every cursor, in memory for one sequence and all ids. It is
    /// text in ASCII or UTF-8, plain or gzip, and starts with a line of column names. A cell may stand in double quotes, with quotes in it
    /// doubled; empty lines are skipped. A channel's cell that is empty, <c>?</c>, <c>NA</c> or <c>NaN</c> is a missing value, NaN; other
    /// cells are numbers in the invariant culture. What is wrong while rows are read is an <see cref="InvalidDataException"/> that names
    /// the file, the line, the column, the value and what is expected: bytes that are no text, a line with more or fewer cells than the
    /// header, a cell that is no finite number, a series without an id or with two labels, times that do not rise, a series whose rows stand apart.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="separatorChar">What stands between cells: any character but a double quote or a line break. Default tab.</param>
    /// <param name="idColumnName">The table's column of ids. Default <c>Id</c>.</param>
    /// <param name="labelColumnName">
    /// The table's column of labels, which may be empty in some of a series' rows but not differ. Null for a table without labels: then the
    /// view has none. Default <c>Label</c>.
    /// </param>
    /// <param name="timeColumnName">
    /// The table's column of times, numbers or dates, which must rise within a series; they are only checked. A table without the default,
    /// <c>Time</c>, is taken in its order.
    /// </param>
    /// <param name="channelColumnNames">The table's columns that are channels, in this order. Default null: all that are not named above.</param>
    /// <exception cref="ArgumentException">A name is empty or occurs twice, or the separator cannot be one.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The header lacks a column, has one twice, or leaves no channel.</exception>
    public static IDataView LoadFromSeriesTable(
        this DataOperationsCatalog catalog,
        string path,
        char separatorChar = '\t',
        string idColumnName = "Id",
        string? labelColumnName = "Label",
        string? timeColumnName = SeriesTableHeader.OptionalTime,
        IReadOnlyList<string>? channelColumnNames = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckSeparator(separatorChar);
        ArgumentNullException.ThrowIfNull(idColumnName);
        ColumnNames.Check([
            (idColumnName, nameof(idColumnName)), (labelColumnName, nameof(labelColumnName)), (timeColumnName, nameof(timeColumnName)),
            .. (channelColumnNames ?? []).Select(name => ((string?)name ?? "", nameof(channelColumnNames))),
        ]);
        return new SeriesTableView(SeriesTableHeader.Read(path, separatorChar, idColumnName, labelColumnName, timeColumnName, channelColumnNames));
    }

    private static void CheckSeparator(char separatorChar)
    {
        if (separatorChar is '"' or '\n' or '\r')
            throw new ArgumentException("separatorChar must be no double quote and no line break.", nameof(separatorChar));
    }
}

namespace Microsoft.ML.Data;

/// <summary>The fields of one line; the tail of a line that holds little but defaults is written as index:value fields.</summary>
internal sealed class TextSaverLine(char separator, bool forceDense)
{
    private const double SparseFieldCost = 2.5;

    private readonly List<(int Field, string Text)> _fields = [];
    private readonly List<(int Lim, int Fields, string Default)> _columns = [];

    private int End => _columns.Count == 0 ? 0 : _columns[^1].Lim;

    /// <param name="slot">The field's number within its column.</param>
    /// <param name="text">Text that is not the column's default.</param>
    public void Add(int slot, string text) => _fields.Add((End + slot, text));

    public void EndColumn(int length, string defaultText) => _columns.Add((End + length, _fields.Count, defaultText));

    /// <summary>Writes the line and starts the next one.</summary>
    public void Write(TextWriter writer, string defaultText = null)
    {
        int dense = forceDense ? _columns.Count : ChooseDenseColumns();
        int lim = dense == 0 ? 0 : _columns[dense - 1].Lim;
        WriteDense(writer, lim, defaultText);
        if (dense < _columns.Count)
            WriteSparse(writer, dense, lim, defaultText);
        writer.WriteLine();
        _fields.Clear();
        _columns.Clear();
    }

    private int ChooseDenseColumns()
    {
        int best = 0;
        double bestCost = SparseFieldCost * _fields.Count;
        for (int column = 0; column < _columns.Count; column++)
        {
            double cost = _columns[column].Lim + SparseFieldCost * (_fields.Count - _columns[column].Fields);
            if (cost < bestCost)
                (best, bestCost) = (column + 1, cost);
        }
        int dense = best == 0 ? 0 : _columns[best - 1].Lim;
        int sparse = End - dense;
        return sparse < 5 || sparse < dense / 5 ? _columns.Count : best;
    }

    private void WriteDense(TextWriter writer, int lim, string defaultText)
    {
        int next = 0;
        int column = 0;
        for (int field = 0; field < lim; field++)
        {
            while (field >= _columns[column].Lim)
                column++;
            if (field > 0)
                writer.Write(separator);
            bool isExplicit = next < _fields.Count && _fields[next].Field == field;
            writer.Write(isExplicit ? _fields[next++].Text : defaultText ?? _columns[column].Default);
        }
    }

    private void WriteSparse(TextWriter writer, int dense, int lim, string defaultText)
    {
        if (dense > 0)
            writer.Write(separator);
        writer.Write(End - lim);
        int first = dense == 0 ? 0 : _columns[dense - 1].Fields;
        if (first == _fields.Count)
            writer.Write($"{separator}0:{defaultText ?? _columns[dense].Default}");
        for (int field = first; field < _fields.Count; field++)
            writer.Write($"{separator}{_fields[field].Field - lim}:{_fields[field].Text}");
    }
}

namespace Microsoft.ML.Data;

/// <summary>Settles which fields the columns are made of, looking into the data where a range is open.</summary>
internal static class TextColumnBinding
{
    private const int LinesForSize = 100;

    public static TextColumn[] Bind(TextLoader.Column[] columns, TextFormat format, IMultiStreamSource sample)
    {
        foreach (TextLoader.Column column in columns)
        {
            Contracts.CheckParam(column.Source?.Length > 0, "Source", "Must specify some source column indices");
            Contracts.CheckNonWhiteSpace(column.Name, "Name");
        }
        bool needsSize = columns.Any(column => column.Source.Any(range => range.AutoEnd && range.Max == null));
        int size = needsSize && format.InputSize == 0 ? CountFields(format, sample) : format.InputSize;
        TextLoader.Range[] others = columns.SelectMany(column => column.Source).Where(range => range.AllOther).ToArray();
        Contracts.CheckParam(others.Length <= 1, "AllOther", "At most one all other range can be specified");
        TextSegment[] named = columns.SelectMany(column => column.Source).Where(range => !range.AllOther)
            .Select(range => Settle(range, size)).ToArray();
        return columns.Select(column =>
        {
            TextSegment[] segments = column.Source
                .SelectMany(range => range.AllOther ? Except(Settle(range, size), named) : [Settle(range, size)]).ToArray();
            Contracts.CheckParam(segments.Length > 0, "AllOther", "No index is selected as all other indexes.");
            return new TextColumn(column.Name.Trim(), column.ItemType, segments);
        }).ToArray();
    }

    private static TextSegment Settle(TextLoader.Range range, int size)
    {
        Contracts.CheckParam(range.Min >= 0 && range.Min < TextSegment.EndOfLine - 1, "Min");
        if (range.Max is { } max)
        {
            Contracts.CheckParam(range.Min <= max && max < TextSegment.EndOfLine - 1, "Max");
            return new TextSegment(range.Min, max + 1, range.ForceVector);
        }
        if (range.AutoEnd)
        {
            Contracts.CheckParam(range.Min < size, "Min", $"Column #{range.Min} not found in the dataset (it only has {size} columns)");
            return new TextSegment(range.Min, size, true);
        }
        return range.VariableEnd
            ? new TextSegment(range.Min, TextSegment.EndOfLine, true)
            : new TextSegment(range.Min, range.Min + 1, range.ForceVector);
    }

    private static IEnumerable<TextSegment> Except(TextSegment all, TextSegment[] named)
    {
        int min = all.Min;
        foreach (TextSegment segment in named.OrderBy(segment => segment.Min))
        {
            if (segment.Min >= all.Lim)
                break;
            if (min < segment.Min)
                yield return new TextSegment(min, segment.Min, true);
            min = Math.Max(min, segment.Lim);
        }
        if (min < all.Lim)
            yield return new TextSegment(min, all.Lim, true);
    }

    private static int CountFields(TextFormat format, IMultiStreamSource sample)
    {
        var fields = new TextFields(format, _ => { });
        var counts = new HashSet<int>();
        foreach (TextLines.Line line in TextLines.Read(sample, format, hasHeader: false).Take(LinesForSize))
        {
            fields.Split(line.Text);
            counts.Add(fields.Count);
        }
        Contracts.CheckParam(counts.Count > 0, "Source", "Can't determine the number of source columns without valid data");
        Contracts.CheckParam(counts.Count == 1, "Source", "The size of input lines is not consistent");
        return counts.Single();
    }

    /// <summary>The header's names for the slots of vectors of known size; null for other columns and where all names are empty.</summary>
    public static ReadOnlyMemory<char>[] SlotNamesOrNull(TextColumn column, TextFields header)
    {
        if (column.Type is not VectorDataViewType { IsKnownSize: true } vector)
            return null;
        var names = new ReadOnlyMemory<char>[vector.Size];
        int slot = 0;
        bool any = false;
        foreach (TextSegment segment in column.Segments)
        {
            foreach ((int index, ReadOnlyMemory<char> text) in header.Explicit)
            {
                if (index < segment.Min || index >= segment.Lim)
                    continue;
                names[slot + index - segment.Min] = text.Trim();
                any |= !names[slot + index - segment.Min].IsEmpty;
            }
            slot += segment.Lim - segment.Min;
        }
        return any ? names : null;
    }
}

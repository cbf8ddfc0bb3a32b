using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Reads one column of a row, as it moves, into packed rows. Bound to its row, and like it not thread-safe.</summary>
internal abstract class SequenceReader(DataViewRow row, SequenceRules rules)
{
    /// <summary>Number of sequences so far that were longer than the limit.</summary>
    public long LongRows { get; private set; }

    protected DataViewRow Row => row;

    protected string Column => rules.Column;

    /// <summary>Tokens, or frames, of the whole sequence read last.</summary>
    protected int LastLength { get; private set; }

    /// <summary>The first of them that was kept.</summary>
    protected int LastStart { get; private set; }

    /// <summary>Appends the current row's sequence; false where it is empty and the rules allow that.</summary>
    public abstract bool Append(PackedRows rows);

    /// <summary>Adds where the tokens of the sequence read last stand in the column's value.</summary>
    public virtual void AddPlaces(TokenPlaces places) => places.Add(LastLength, LastStart);

    protected (int Start, int Count) Window(int length)
    {
        if (length > rules.MaxLength)
            LongRows++;
        (int start, int count) = rules.Window(row.Position, length);
        (LastLength, LastStart) = (length, start);
        return (start, count);
    }

    /// <summary>Moves the window of a reserved span to its front.</summary>
    protected static void MoveToFront<T>(Span<T> span, int start, int count)
    {
        if (start > 0)
            span.Slice(start, count).CopyTo(span);
    }
}

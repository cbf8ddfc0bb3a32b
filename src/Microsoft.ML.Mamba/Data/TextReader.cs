using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Reads text as token ids.</summary>
internal sealed class TextReader(DataViewRow row, DataViewSchema.Column column, SequenceRules rules, SequenceTokenizer tokenizer) : SequenceReader(row, rules)
{
    private readonly ValueGetter<ReadOnlyMemory<char>> _getter = row.GetGetter<ReadOnlyMemory<char>>(column);
    private ReadOnlyMemory<char> _text;

    public override bool Append(PackedRows rows)
    {
        _getter(ref _text);
        rows.Discard();
        try
        {
            tokenizer.Encode(_text.Span, rows);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"Row {Row.Position}: the text in column '{Column}' cannot be read. {exception.Message}", exception);
        }

        (int start, int count) = Window(rows.Pending.Length);
        if (count == 0)
            return false;
        MoveToFront(rows.Pending, start, count);
        rows.Commit(count);
        return true;
    }

    public override void AddPlaces(TokenPlaces places) => places.Add(_text.Span, LastStart, tokenizer);
}

using System.Buffers;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Data;

/// <summary>
/// Where the tokens of some rows stand among the positions of the values that they were read from: a text's characters, or a vector's
/// frames or ids. Not thread-safe.
/// </summary>
internal sealed class TokenPlaces
{
    private readonly ArrayBufferWriter<TokenSpan> _spans = new();
    private readonly List<(int Positions, int FirstToken, int FirstSpan)> _rows = [];

    public void Clear()
    {
        _spans.ResetWrittenCount();
        _rows.Clear();
    }

    /// <summary>Adds a row of which each position is a token.</summary>
    /// <param name="positions">Positions of the whole value.</param>
    /// <param name="firstToken">The first token that is kept.</param>
    public void Add(int positions, int firstToken) => _rows.Add((positions, firstToken, -1));

    /// <summary>Adds a row of text.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="firstToken">The first of its tokens that is kept.</param>
    /// <param name="tokenizer">What made the tokens.</param>
    public void Add(ReadOnlySpan<char> text, int firstToken, SequenceTokenizer tokenizer)
    {
        _rows.Add((text.Length, firstToken, _spans.WrittenCount));
        tokenizer.EncodeSpans(text, _spans);
    }

    /// <summary>Gives each position its share of what the tokens have: a token's value is divided among its positions. Positions without a token have 0.</summary>
    /// <param name="row">The row.</param>
    /// <param name="tokens">A value for each token that is kept.</param>
    /// <param name="positions">Overwritten.</param>
    public void Spread(int row, ReadOnlySpan<float> tokens, ref VBuffer<float> positions)
    {
        (int count, int firstToken, int firstSpan) = _rows[row];
        VBufferEditor<float> editor = VBufferEditor.Create(ref positions, count);
        editor.Values.Clear();
        if (firstSpan < 0)
        {
            tokens.CopyTo(editor.Values[firstToken..]);
        }
        else
        {
            ReadOnlySpan<TokenSpan> spans = _spans.WrittenSpan.Slice(firstSpan + firstToken, tokens.Length);
            for (int i = 0; i < tokens.Length; i++)
            {
                foreach (ref float value in editor.Values.Slice(spans[i].Start, spans[i].Length))
                    value += tokens[i] / spans[i].Length;
            }
        }

        positions = editor.Commit();
    }
}

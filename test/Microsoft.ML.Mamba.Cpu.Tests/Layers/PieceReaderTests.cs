using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.Cpu.Tests.Layers;

public sealed class PieceReaderTests
{
    [Fact]
    public void Pieces_HoldWholeSequencesOrAStretchOfOne()
    {
        int[] offsets = [0, 3, 8, 10, 35, 36];
        SequencePiece[] expected =
        [
            new(0, 3, 0, 10, Begins: true, Ends: true),
            new(3, 1, 10, 10, Begins: true, Ends: false),
            new(3, 1, 20, 10, Begins: false, Ends: false),
            new(3, 1, 30, 5, Begins: false, Ends: true),
            new(4, 1, 35, 1, Begins: true, Ends: true),
        ];
        Assert.Equal(expected, Read(offsets, 10, splits: true));
    }

    [Fact]
    public void Pieces_KeepSequencesWholeWhereTheyMust()
    {
        SequencePiece[] expected = [new(0, 2, 0, 5, true, true), new(2, 1, 5, 40, true, true), new(3, 2, 45, 4, true, true)];
        Assert.Equal(expected, Read([0, 2, 5, 45, 46, 49], 10, splits: false));
    }

    [Fact]
    public void Pieces_OfAnEmptyBatchAreNone() => Assert.Empty(Read([0], 10, splits: true));

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(20)]
    public void Stretches_CoverTheSequenceOnce(int length)
    {
        SequencePiece[] pieces = Read([0, length], 10, splits: true);
        Assert.Equal(length, pieces.Sum(piece => piece.Tokens));
        Assert.Equal((length + 9) / 10, pieces.Length);
        Assert.Equal(length > 10, pieces[0].IsStretch);
        Assert.True(pieces[0].Begins && pieces[^1].Ends);
    }

    private static SequencePiece[] Read(int[] offsets, int maxTokens, bool splits)
    {
        var reader = new PieceReader(offsets, maxTokens, splits);
        var pieces = new List<SequencePiece>();
        while (reader.TryRead(out SequencePiece piece))
            pieces.Add(piece);
        return [.. pieces];
    }
}

using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Fit;

public class AugmentationTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Option_ReachesTheTraining()
    {
        IDataView data = Train.SeriesKeys(_ml);
        float[][] plain = Scores(data, SequenceAugmentation.None), varied = Scores(data, new() { Noise = 1 });
        Assert.Equal(varied, Scores(data, new() { Noise = 1 }));
        Assert.NotEqual(plain, varied);
        Assert.NotEqual(varied, Scores(data, new() { Scale = 1 }));
    }

    [Fact]
    public void Tokens_AreNotVaried()
    {
        IDataView data = Train.DnaKeys(_ml);
        Assert.Equal(Scores(data, SequenceAugmentation.None), Scores(data, new() { Noise = 1, TimeShift = 1, TimeMasks = 2 }));
    }

    [Fact]
    public void ReverseComplement_NeedsNucleotides()
    {
        IDataView dna = Train.DnaKeys(_ml);
        Assert.NotEqual(Scores(dna, SequenceAugmentation.None), Scores(dna, new() { ReverseComplement = 0.5f }));
        string message = Assert.Throws<ArgumentException>(() => Scores(Train.SeriesKeys(_ml), new() { ReverseComplement = 0.5f })).Message;
        Assert.All(["ReverseComplement", "'Sequence'", "Frames"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        IDataView text = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Reviews(40)));
        Assert.Contains("word", Assert.Throws<ArgumentException>(() => Scores(text, new() { ReverseComplement = 0.5f })).Message, StringComparison.Ordinal);
    }

    private float[][] Scores(IDataView data, SequenceAugmentation augmentation)
    {
        MambaClassificationOptions options = Train.Options();
        options.Augmentation = augmentation;
        return Read.Vectors(Train.Fit(_ml, data, options).Transform(data), "Score");
    }
}

using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Fit;

/// <summary>Columns that cannot be trained on are refused by their names, by the estimator and by the chain around it.</summary>
public class ColumnTests
{
    private sealed class DoubleRow
    {
        public string Label { get; set; } = "";

        public double[] Sequence { get; set; } = [1];
    }

    private sealed class ScalarRow
    {
        public string Label { get; set; } = "";

        public float Sequence { get; set; }
    }

    private sealed class WordsRow
    {
        public string Label { get; set; } = "";

        public string[] Sequence { get; set; } = ["a"];
    }

    private sealed class FlatRow
    {
        public string Label { get; set; } = "";

        [VectorType(8)]
        public float[] Sequence { get; set; } = new float[8];
    }

    private sealed class CubeRow
    {
        public string Label { get; set; } = "";

        [VectorType(2, 2, 2)]
        public float[] Sequence { get; set; } = new float[8];
    }

    private readonly MLContext _ml = new(1);

    [Fact]
    public void LabelThatIsNoKey_IsToldOfMapValueToKey()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Dna(10));
        Assert.All(BothErrors(data), error => AssertMessage(error, "'Label'", "String", "MapValueToKey(\"Label\")"));
    }

    [Fact]
    public void MissingColumns_AreNamed()
    {
        IDataView data = Train.DnaKeys(_ml);
        Assert.All(BothErrors(data, options => options.LabelColumnName = "Nope"), error => AssertMessage(error, "'Nope'", "label"));
        Assert.All(BothErrors(data, options => options.SequenceColumnName = "Nope"), error => AssertMessage(error, "'Nope'", "sequence"));
        MambaTransformer model = Train.Fit(_ml, data);
        AssertMessage(Assert.ThrowsAny<ArgumentException>(() => model.Transform(_ml.Transforms.DropColumns("Sequence").Fit(data).Transform(data))), "'Sequence'");
    }

    [Fact]
    public void ColumnsThatHoldNoSequence_AreNamedWithWhatIsExpected()
    {
        CheckType(Enumerable.Range(0, 9).Select(i => new DoubleRow { Label = $"{i % 2}" }), "Double", "vector of Single", "ConvertType");
        CheckType(Enumerable.Range(0, 9).Select(i => new ScalarRow { Label = $"{i % 2}" }), "Single", "vector of Single");
        CheckType(Enumerable.Range(0, 9).Select(i => new WordsRow { Label = $"{i % 2}" }), "String", "vector of keys");
    }

    [Fact]
    public void FramesOfThreeDimensions_AreRefused()
    {
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 9).Select(i => new CubeRow { Label = $"{i % 2}" })));
        AssertMessage(Assert.Throws<ArgumentException>(() => Train.Fit(_ml, data)), "'Sequence'", "[length, channels]");
    }

    [Fact]
    public void FixedVectorThatChannelsDoNotDivide_IsRefused()
    {
        MambaClassificationOptions options = Train.Options();
        options.InputChannels = 3;
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 9).Select(i => new FlatRow { Label = $"{i % 2}" })));
        AssertMessage(Assert.Throws<ArgumentException>(() => Train.Fit(_ml, data, options)), "'Sequence'", "8", "3 channels");
    }

    [Fact]
    public void NoRows_IsAnError()
    {
        IDataView none = _ml.Data.FilterRowsByColumn(Train.DnaKeys(_ml), "Number", 1e9);
        AssertMessage(Assert.Throws<InvalidOperationException>(() => Train.Fit(_ml, none)), "no rows", "'Label'", "'Sequence'");
    }

    [Fact]
    public void OneClass_IsAnError()
    {
        IDataView one = new KeyedView<uint>(Train.DnaKeys(_ml), 2, [.. Enumerable.Repeat(2u, 40)]);
        AssertMessage(Assert.Throws<InvalidOperationException>(() => Train.Fit(_ml, one)), "40 rows", "'1'", "'Label'", "2 classes");
        IDataView single = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Enumerable.Repeat(Rows.Dna(1)[0], 5)));
        AssertMessage(Assert.ThrowsAny<ArgumentException>(() => Train.Fit(_ml, single)), "'Label'", "1 key value", "2");
    }

    [Fact]
    public void ClassWeights_MustBeAsManyAsClasses()
    {
        MambaClassificationOptions options = Train.Options();
        options.ClassWeights = [1, 2, 3];
        AssertMessage(Assert.Throws<ArgumentException>(() => Train.Fit(_ml, Train.DnaKeys(_ml), options)), "ClassWeights", "3", "2 classes");
    }

    private void CheckType<T>(IEnumerable<T> rows, params string[] parts) where T : class
    {
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        Assert.All(BothErrors(data), error => AssertMessage(error, ["'Sequence'", .. parts]));
    }

    private Exception[] BothErrors(IDataView data, Action<MambaClassificationOptions>? change = null)
    {
        MambaClassificationOptions options = Train.Options();
        change?.Invoke(options);
        return
        [
            Assert.ThrowsAny<ArgumentException>(() => Train.Fit(_ml, data, options)),
            Assert.ThrowsAny<ArgumentException>(() => new EstimatorChain<MambaTransformer>().Append(_ml.Transforms.MambaClassify(options)).Fit(data)),
        ];
    }

    private static void AssertMessage(Exception error, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
}

using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Scoring;

public class InputTypeTests
{
    private sealed class Fixed
    {
        public string Label { get; set; } = "";

        [VectorType(6)]
        public float[] Sequence { get; set; } = [];
    }

    private sealed class Matrix
    {
        public string Label { get; set; } = "";

        [VectorType(3, 2)]
        public float[] Sequence { get; set; } = [];
    }

    private sealed class Wider
    {
        public string Label { get; set; } = "";

        [VectorType(2, 3)]
        public float[] Sequence { get; set; } = [];
    }

    private sealed class Ids<T>
    {
        public string Label { get; set; } = "";

        public T[] Sequence { get; set; } = [];
    }

    private sealed class Keys
    {
        public string Label { get; set; } = "";

        [KeyType(5)]
        public uint[] Sequence { get; set; } = [];
    }

    private readonly MLContext _ml = new(1);

    [Fact]
    public void VariableVector_IsASeriesOfSingleValues()
    {
        MambaTransformer model = Check(Rows.Series(40));
        Assert.Equal(1, model.Config.InputChannels);
        Assert.Equal(MambaModality.Frames, model.Modality);
        Assert.Null(model.Tokenizer);
    }

    [Fact]
    public void VariableVector_MayBeFlattenedFrames() =>
        Assert.Equal(3, Check(Rows.Series(40, channels: 3), options => options.InputChannels = 3).Config.InputChannels);

    [Fact]
    public void FixedVector_IsASeries_AndMatrixIsFrames()
    {
        float[] Values(int i) => [.. Enumerable.Range(0, 6).Select(j => (i % 2 == 0 ? 1f : -1f) + 0.1f * j)];
        string Label(int i) => i % 2 == 0 ? "a" : "b";
        Assert.Equal(1, Check(Enumerable.Range(0, 30).Select(i => new Fixed { Label = Label(i), Sequence = Values(i) })).Config.InputChannels);
        MambaTransformer model = Check(Enumerable.Range(0, 30).Select(i => new Matrix { Label = Label(i), Sequence = Values(i) }));
        Assert.Equal(2, model.Config.InputChannels);
        IEnumerable<Wider> rows = Enumerable.Range(0, 30).Select(i => new Wider { Label = Label(i), Sequence = Values(i) });
        IDataView wider = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        string message = Assert.Throws<ArgumentException>(() => model.Transform(wider)).Message;
        Assert.Contains("'Sequence'", message, StringComparison.Ordinal);
        Assert.Contains("3 channels", message, StringComparison.Ordinal);
        Assert.Contains("2 were expected", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Integers_OfEveryWidth_AreTokenIds()
    {
        CheckIds<byte>();
        CheckIds<sbyte>();
        CheckIds<short>();
        CheckIds<ushort>();
        CheckIds<int>();
        CheckIds<uint>();
        CheckIds<long>();
        CheckIds<ulong>();
    }

    [Fact]
    public void IdsOutOfRange_NameRowAndPosition()
    {
        Ids<int>[] rows = MakeIds<int>();
        MambaTransformer model = Check(rows);
        rows[3].Sequence[2] = 9;
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        string message = Assert.Throws<InvalidDataException>(() => Read.Vectors(model.Transform(data), "Score")).Message;
        Assert.Contains("Row 3", message, StringComparison.Ordinal);
        Assert.Contains("id 9 at position 2", message, StringComparison.Ordinal);
        rows[3].Sequence[2] = -1;
        Assert.Throws<InvalidDataException>(() => Train.Fit(_ml, data));
        MambaClassificationOptions options = Train.Options();
        options.VocabularySize = 100;
        rows[3].Sequence[2] = 99;
        Assert.Equal(100, Train.Fit(_ml, data, options).Config.VocabSize);
    }

    [Fact]
    public void Keys_AreTokenIds_AndAMissingKeyIsIdZero()
    {
        Keys[] rows = [.. Enumerable.Range(0, 40).Select(i => new Keys { Label = i % 2 == 0 ? "a" : "b", Sequence = [0, (uint)(1 + i % 2), (uint)(3 + i % 2), 5] })];
        MambaTransformer model = Check(rows);
        Assert.Equal(6, model.Config.VocabSize);
        Assert.Equal(MambaModality.Tokens, model.Modality);
    }

    [Fact]
    public void KeysOfAnotherMapping_AreRefused()
    {
        MambaTransformer model = Check(Enumerable.Range(0, 40).Select(i => new Keys { Label = i % 2 == 0 ? "a" : "b", Sequence = [(uint)(1 + i % 2)] }));
        IDataView words = _ml.Data.LoadFromEnumerable([new Ids<string> { Label = "a", Sequence = ["x", "y", "z"] }]);
        string message = Assert.Throws<ArgumentException>(
            () => model.Transform(_ml.Transforms.Conversion.MapValueToKey("Sequence").Fit(words).Transform(words))).Message;
        Assert.Contains("keys 1 to 3", message, StringComparison.Ordinal);
        Assert.Contains("keys 1 to 5", message, StringComparison.Ordinal);
    }

    [Fact]
    public void WordsMappedToKeys_TrainWithoutATokenizer()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Reviews(40).Select(row => new Ids<string> { Label = row.Label, Sequence = row.Sequence.Split(' ') }));
        EstimatorChain<MambaTransformer> pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.Conversion.MapValueToKey("Sequence"))
            .Append(_ml.Transforms.MambaClassify(Train.Options()));
        Assert.True(Read.Accuracy(_ml, pipeline.Fit(data).Transform(data)) >= 0.9);
    }

    [Fact]
    public void OtherKindOfColumnThanInTraining_IsRefused()
    {
        MambaTransformer model = Check(Rows.Dna(30).Select(row => new TextRow { Label = row.Label, Sequence = row.Sequence }));
        IDataView series = Train.SeriesKeys(_ml);
        string message = Assert.Throws<ArgumentException>(() => model.GetOutputSchema(series.Schema)).Message;
        Assert.Contains("'Sequence'", message, StringComparison.Ordinal);
        Assert.Contains("text", message, StringComparison.Ordinal);
    }

    private void CheckIds<T>() where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        MambaTransformer model = Check(MakeIds<T>());
        Assert.Equal(5, model.Config.VocabSize);
    }

    private static Ids<T>[] MakeIds<T>() where T : unmanaged, System.Numerics.IBinaryInteger<T> =>
        [.. Enumerable.Range(0, 40).Select(i => new Ids<T>
        {
            Label = i % 2 == 0 ? "a" : "b",
            Sequence = [T.Zero, T.CreateChecked(1 + i % 2), T.CreateChecked(3 + i % 2)],
        })];

    private MambaTransformer Check<TRow>(IEnumerable<TRow> rows, Action<MambaClassificationOptions>? change = null) where TRow : class
    {
        MambaClassificationOptions options = Train.Options();
        change?.Invoke(options);
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        MambaTransformer model = Train.Fit(_ml, data, options);
        Assert.Equal(1, Read.Accuracy(_ml, model.Transform(data)));
        return model;
    }
}

using Microsoft.ML.Mamba.Tests.Persistence;
using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;

namespace Microsoft.ML.Mamba.Tests.Outputs;

/// <summary>Saliency stands at the positions of the column's values. The fake engine's is exact: what each token adds to the logit.</summary>
public class SaliencyTests
{
    private readonly MLContext _ml = new(1);
    private readonly FakeEngine _engine = new();

    [Theory]
    [InlineData(MambaTruncation.Head)]
    [InlineData(MambaTruncation.Tail)]
    [InlineData(MambaTruncation.Keep)]
    public void Frames_HaveOneValueEach_AndThoseCutOffHaveZero(MambaTruncation truncation)
    {
        MambaClassificationOptions options = Train.Options(_engine);
        (options.InputChannels, options.MaxLength, options.Truncation) = (2, 3, truncation);
        FrameRow[] rows = Rows.Series(20, channels: 2);
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        MambaTransformer model = Train.Fit(_ml, data, options);
        float[][] saliency = Explain(model, data);
        for (int row = 0; row < rows.Length; row++)
        {
            int length = rows[row].Sequence.Length / 2, kept = truncation == MambaTruncation.Keep ? length : Math.Min(3, length);
            int start = truncation == MambaTruncation.Tail ? length - kept : 0;
            Assert.Equal(length, saliency[row].Length);
            Assert.Equal(Enumerable.Range(0, length).Select(t => t >= start && t < start + kept), saliency[row].Select(value => value != 0));
        }

        // The same frames alone, without the ones that were cut off, have the same saliency.
        FrameRow[] alone = [.. rows.Select(row => new FrameRow
        {
            Label = row.Label,
            Sequence = truncation == MambaTruncation.Head ? [.. row.Sequence.Take(6)]
                : truncation == MambaTruncation.Tail ? [.. row.Sequence.TakeLast(6)] : row.Sequence,
        })];
        float[][] short_ = Explain(model, Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(alone)));
        Assert.Equal(short_, saliency.Select(row => row.Where(value => value != 0)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(2, 4)]
    public void Dna_HasOneValueABase_OverWhichKmersAreSpread(int length, int stride)
    {
        MambaClassificationOptions options = Train.Options(_engine);
        options.Tokenizer = new TokenizerOptions
        {
            Kind = TokenizerKind.Nucleotide, Nucleotide = new NucleotideOptions { KmerLength = length, KmerStride = stride, WhiteSpace = LetterPolicy.Skip },
        };
        MambaTransformer model = Train.Fit(_ml, Train.DnaKeys(_ml), options);
        const string Text = "GGATC GCTAA";
        float[] saliency = Assert.Single(Explain(model, _ml.Data.LoadFromEnumerable([new TextRow { Sequence = Text }])));
        Assert.Equal(Text.Length, saliency.Length);
        int[] ids = model.Tokenizer!.EncodeToIds(Text);
        TokenSpan[] spans = model.Tokenizer.EncodeToSpans(Text);
        var expected = new float[Text.Length];
        float[] tokens = OfTokens(model, ids);
        for (int i = 0; i < ids.Length; i++)
        {
            for (int at = 0; at < spans[i].Length; at++)
                expected[spans[i].Start + at] += tokens[i] / spans[i].Length;
        }

        Assert.All(expected.Zip(saliency), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 1e-5 * (1 + Math.Abs(pair.First))));
        Assert.Equal(tokens.Sum(), saliency.Sum(), 1e-3);
        Assert.Contains(saliency, value => value != 0);
    }

    [Fact]
    public void Words_ShareTheirSaliencyAmongTheirCharacters()
    {
        MambaClassificationOptions options = Train.Options(_engine);
        (options.MaxLength, options.Truncation) = (3, MambaTruncation.Tail);
        MambaTransformer model = Train.Fit(_ml, Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Reviews(40))), options);
        const string Text = "awful! the  film was good";
        float[] saliency = Assert.Single(Explain(model, _ml.Data.LoadFromEnumerable([new TextRow { Sequence = Text }])));
        float[] tokens = OfTokens(model, model.Tokenizer!.EncodeToIds("film was good"));
        float[] expected = [.. Enumerable.Repeat(0f, 12), .. Enumerable.Repeat(tokens[0] / 4, 4), 0, .. Enumerable.Repeat(tokens[1] / 3, 3),
            0, .. Enumerable.Repeat(tokens[2] / 4, 4)];
        Assert.All(expected.Zip(saliency), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 1e-5 * (1 + Math.Abs(pair.First))));
        Assert.Equal(expected.Length, saliency.Length);
        Assert.NotEqual(0, saliency[^1]);
    }

    [Fact]
    public void NamedClass_IsExplainedInsteadOfThePredictedOne()
    {
        IDataView data = Train.DnaKeys(_ml, 20);
        MambaTransformer model = Train.Fit(_ml, data, Train.Options(_engine));
        float[][] predicted = Explain(model, data);
        MambaOutputTransformer[] named = [.. model.Labels.Select(label => _ml.Transforms.MambaSaliency(model, label: label).Fit(data))];
        float[][][] classes = [.. named.Select(transformer => Read.Vectors(transformer.Transform(data), "Saliency"))];
        uint[] keys = Read.Column<uint>(model.Transform(data), "PredictedLabel");
        Assert.Equal(predicted, keys.Select((key, row) => classes[key - 1][row]));
        Assert.NotEqual(classes[0], classes[1]);
        Assert.Equal(model.Labels, named.Select(transformer => transformer.SaliencyLabel));
        string message = Assert.Throws<ArgumentException>(() => _ml.Transforms.MambaSaliency(model, label: "odd")).Message;
        Assert.All(["'odd'", "'gc', 'at'"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void ClassifiersOwnColumn_IsComputedWithTheScoresByOnePass_AndOnlyWhereAskedFor()
    {
        IDataView data = Train.DnaKeys(_ml, 20);
        MambaClassificationOptions options = Train.Options(_engine);
        options.SaliencyColumnName = "Why";
        MambaTransformer model = Train.Fit(_ml, data, options);
        Assert.Equal("Why", model.SaliencyColumnName);
        IDataView scored = model.Transform(data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single), scored.Schema["Why"].Type);
        float[][] scores = Read.Vectors(scored, "Score");
        Assert.Equal(0, _engine.SaliencyPasses);
        float[][] expected = Explain(model, data);
        (int forward, int saliency) = (_engine.ForwardPasses, _engine.SaliencyPasses);
        Both[] rows = [.. _ml.Data.CreateEnumerable<Both>(scored, reuseRowObject: false)];
        Assert.Equal((0, 1), (_engine.ForwardPasses - forward, _engine.SaliencyPasses - saliency));
        Assert.Equal(expected, rows.Select(row => row.Why));
        Assert.Equal(scores, rows.Select(row => row.Score));
        using PredictionEngine<TextRow, Both> engine =
            _ml.Model.CreatePredictionEngine<TextRow, Both>(model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.Equal(expected, Rows.Dna(20).Select(row => engine.Predict(row).Why));
    }

    [Fact]
    public void KeysAndIntegers_HaveOneValueAnId()
    {
        IEnumerable<Ids> rows = Rows.Reviews(30).Select(
            row => new Ids { Label = row.Label, Sequence = [.. row.Sequence.Select(letter => (ushort)letter)] });
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        MambaTransformer model = Train.Fit(_ml, data, Train.Options(_engine));
        Assert.Equal(Rows.Reviews(30).Select(row => row.Sequence.Length), Explain(model, data).Select(row => row.Length));
        Assert.All(Explain(model, data), row => Assert.DoesNotContain(0, row));
    }

    [Fact]
    public void RowsThatTheModelCannotRead_HaveZeros()
    {
        MambaClassificationOptions options = Train.Options(_engine);
        options.EmptySequences = MambaEmptySequence.Missing;
        options.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Word, MinimumCount = 1 };
        MambaTransformer model = Train.Fit(_ml, Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Reviews(30))), options);
        TextRow[] rows = [new() { Sequence = "good" }, new() { Sequence = "   " }, new(), new() { Sequence = "bad" }];
        float[][] saliency = Explain(model, _ml.Data.LoadFromEnumerable(rows));
        Assert.Equal([4, 3, 0, 3], saliency.Select(row => row.Length));
        Assert.Equal([0, 0, 0], saliency[1]);
        Assert.DoesNotContain(0, saliency[3]);
    }

    [Fact]
    public void RealEngine_IsTakenAtItsWord_AndSavedModelsGiveTheSame()
    {
        IDataView data = Train.SeriesKeys(_ml, 20);
        MambaClassificationOptions options = Train.Options();
        (options.EngineOverride, options.MaxEpochs, options.FrameNormalization, options.PatchLength) = (null, 2, FrameNormalization.None, 2);
        MambaTransformer model = Train.Fit(_ml, data, options);
        using var folder = new TempFolder();
        model.ExportTo(folder.Path);
        using IMambaModel alone = new Cpu.CpuMambaEngine().CreateModel(
            model.Config, Safetensors.MambaWeightsFile.Load(folder.PathOf("model.safetensors"), model.Config));
        float[][] expected = [.. Rows.Series(20).Select(row =>
        {
            var values = new float[row.Sequence.Length];
            alone.Saliency(SequenceBatch.FromFrames(row.Sequence, 1), [1], values, new float[2]);
            return values;
        })];
        MambaOutputTransformer explainer = _ml.Transforms.MambaSaliency(model, label: model.Labels[1]).Fit(data);
        Assert.Equal(expected, Read.Vectors(explainer.Transform(data), "Saliency"));
        _ml.Model.Save(explainer, data.Schema, folder.PathOf("s.zip"));
        ITransformer loaded = _ml.Model.Load(folder.PathOf("s.zip"), out _);
        Assert.Equal(expected, Read.Vectors(loaded.Transform(data), "Saliency"));
        MambaTransformer again = RoundTripTests.SaveAndLoad(model, data.Schema, folder.PathOf("m.zip"));
        Assert.Null(again.SaliencyColumnName);
    }

    private float[][] Explain(MambaTransformer model, IDataView data) => Read.Vectors(_ml.Transforms.MambaSaliency(model).Fit(data).Transform(data), "Saliency");

    // Of the predicted class, by the fake engine itself.
    private float[] OfTokens(MambaTransformer model, int[] ids)
    {
        using var folder = new TempFolder();
        model.ExportTo(folder.Path);
        using IMambaModel alone = _engine.CreateModel(model.Config, Safetensors.MambaWeightsFile.Load(folder.PathOf("model.safetensors"), model.Config));
        var values = new float[ids.Length];
        alone.Saliency(SequenceBatch.FromTokens(ids), [-1], values, new float[model.Config.NumClasses]);
        return values;
    }

    private sealed class Both
    {
        public float[] Score { get; set; } = [];

        public float[] Why { get; set; } = [];
    }

    private sealed class Ids
    {
        public string Label { get; set; } = "";

        public ushort[] Sequence { get; set; } = [];
    }
}

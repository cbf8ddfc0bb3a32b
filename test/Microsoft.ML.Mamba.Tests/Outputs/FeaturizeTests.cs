using Microsoft.ML.Mamba.Safetensors;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Outputs;

public sealed class FeaturizeTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();
    private readonly FakeEngine _engine = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Features_AreTheEnginesPooledVectors_InBatchesAndRowsAndAfterLoading()
    {
        MambaClassificationOptions options = Train.Options();
        (options.EngineOverride, options.MaxEpochs) = (null, 1);
        IDataView data = Train.DnaKeys(_ml, 30);
        MambaTransformer classifier = Train.Fit(_ml, data, options);
        MambaOutputTransformer featurizer = _ml.Transforms.MambaFeaturize(classifier).Fit(data);
        IDataView transformed = featurizer.Transform(data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 16), transformed.Schema["Features"].Type);
        Assert.Null(transformed.Schema.GetColumnOrNull("Score"));
        float[][] features = Read.Vectors(transformed, "Features");
        Assert.Equal(ByEngine(classifier, Rows.Dna(30)), features);

        Assert.Equal(features, ByRows(featurizer, data));
        _ml.Model.Save(featurizer, data.Schema, _folder.PathOf("f.zip"));
        var loaded = Assert.IsType<MambaOutputTransformer>(Single(_ml.Model.Load(_folder.PathOf("f.zip"), out _)));
        Assert.Equal(features, Read.Vectors(loaded.Transform(data), "Features"));
        Assert.Equal(("Sequence", "Features", null, null), (loaded.SequenceColumnName, loaded.FeatureColumnName, loaded.SaliencyColumnName, loaded.SaliencyLabel));
    }

    [Fact]
    public void AnotherTrainer_LearnsFromFeatures_InOnePipeline()
    {
        MambaTransformer classifier = Train.Fit(_ml, Train.DnaKeys(_ml, 60), Train.Options(_engine));
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Dna(60, seed: 9));
        TransformerChain<NearestCentroid.Model> model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.MambaFeaturize(classifier))
            .Append(new NearestCentroid()).Fit(data);
        int before = _engine.ForwardPasses;
        uint[] predicted = Read.Column<uint>(model.Transform(data), "Label");
        Assert.True(Rows.Dna(60, seed: 9).Zip(predicted).Count(pair => pair.First.Label == classifier.Labels[(int)pair.Second - 1]) >= 57);
        Assert.Equal(before, _engine.ForwardPasses);
    }

    [Fact]
    public void ScoresAndFeatures_AreComputedByOnePass_AndOnlyWhatIsAskedFor()
    {
        IDataView data = Train.DnaKeys(_ml, 20);
        float[][] scores = Read.Vectors(Train.Fit(_ml, data).Transform(data), "Score");
        MambaClassificationOptions options = Train.Options(_engine);
        options.FeatureColumnName = "Vector";
        MambaTransformer model = Train.Fit(_ml, data, options);
        Assert.Equal("Vector", model.FeatureColumnName);
        IDataView scored = model.Transform(data);
        Assert.Equal(["PredictedLabel", "Score", "Vector"], scored.Schema.TakeLast(3).Select(column => column.Name));
        Passes(0, 0, () => Read.Column<int>(scored, "Id"));
        Passes(1, 0, () => Assert.Equal(scores, Read.Vectors(scored, "Score")));
        Passes(0, 1, () => Assert.Equal(16, Read.Vectors(scored, "Vector")[0].Length));
        Passes(0, 1, () =>
        {
            using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
            ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
            ValueGetter<VBuffer<float>> vector = cursor.GetGetter<VBuffer<float>>(scored.Schema["Vector"]);
            ValueGetter<uint> label = cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]);
            for (int i = 0; cursor.MoveNext(); i++)
            {
                VBuffer<float> value = default;
                uint key = 0;
                score(ref value);
                label(ref key);
                Assert.All(value.DenseValues().Zip(scores[i]), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 1e-5));
                Assert.Equal(1 + Array.IndexOf(scores[i], scores[i].Max()), (int)key);
                vector(ref value);
                Assert.Equal(16, value.Length);
            }
        });
        _ml.Model.Save(model, data.Schema, _folder.PathOf("m.zip"));
        Assert.Equal("Vector", ((MambaTransformer)Single(_ml.Model.Load(_folder.PathOf("m.zip"), out _))).FeatureColumnName);

        void Passes(int forward, int pooled, Action read)
        {
            (int f, int p) = (_engine.ForwardPasses, _engine.PooledPasses);
            read();
            Assert.Equal((forward, pooled), (_engine.ForwardPasses - f, _engine.PooledPasses - p));
        }
    }

    [Fact]
    public void RowsWithoutASequence_HaveFeaturesOfNaN()
    {
        MambaClassificationOptions options = Train.Options(_engine);
        options.EmptySequences = MambaEmptySequence.Missing;
        MambaTransformer model = Train.Fit(_ml, Train.DnaKeys(_ml, 20), options);
        IDataView rows = _ml.Data.LoadFromEnumerable([new TextRow { Sequence = "ACGT" }, new TextRow(), new TextRow { Sequence = "GGG" }]);
        float[][] features = Read.Vectors(_ml.Transforms.MambaFeaturize(model).Fit(rows).Transform(rows), "Features");
        Assert.Equal([false, true, false], features.Select(row => row.All(float.IsNaN)));
    }

    [Fact]
    public void LastUser_DisposesTheModel()
    {
        IDataView data = Train.DnaKeys(_ml, 20);
        MambaTransformer classifier = Train.Fit(_ml, data, Train.Options(_engine));
        MambaOutputEstimator estimator = _ml.Transforms.MambaFeaturize(classifier);
        MambaOutputTransformer first = estimator.Fit(data), second = estimator.Fit(data);
        first.Dispose();
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Transform(data));
        Assert.Throws<ObjectDisposedException>(() => first.GetRowToRowMapper(data.Schema));
        Assert.Equal(20, Read.Vectors(classifier.Transform(data), "Score").Length);
        classifier.Dispose();
        Assert.Throws<ObjectDisposedException>(() => estimator.Fit(data));
        Assert.Equal(20, Read.Vectors(second.Transform(data), "Features").Length);
        Assert.Equal(0, _engine.Disposed);
        second.Dispose();
        Assert.Equal(1, _engine.Disposed);
    }

    [Fact]
    public void Featurizer_IsLoadedInAProcessThatNeverNamedOurTypes()
    {
        MambaClassificationOptions options = Train.Options();
        (options.EngineOverride, options.MaxEpochs) = (null, 1);
        MambaTransformer classifier = Train.Fit(_ml, Train.DnaKeys(_ml, 20), options);
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Dna(20));
        ITransformer model = _ml.Transforms.MambaFeaturize(classifier, "Score").Append(_ml.Transforms.CopyColumns("PredictedLabel", "Sequence")).Fit(data);
        _ml.Model.Save(model, data.Schema, _folder.PathOf("m.zip"));
        FreshProcess.Result result = FreshProcess.LoadAndScore(_folder.PathOf("m.zip"), Rows.Dna(20).Select(row => row.Sequence));
        Assert.False(result.KnownBefore);
        Assert.Equal(Read.Vectors(model.Transform(data), "Score").Select(row => row.Select(BitConverter.SingleToUInt32Bits)), result.ScoreBits);
    }

    [Theory]
    [InlineData("\"features\": \"Features\"", "\"features\": \"Features\", \"saliency\": \"S\"")]
    [InlineData("\"features\": \"Features\"", "\"other\": 1")]
    public void SavedFeaturizer_WithoutExactlyOneColumn_IsRefused(string old, string changed)
    {
        IDataView data = Train.DnaKeys(_ml, 20);
        string path = _folder.PathOf("f.zip");
        _ml.Model.Save(_ml.Transforms.MambaFeaturize(Train.Fit(_ml, data)).Fit(data), data.Schema, path);
        ModelZip.ChangeText(path, "manifest.json", json =>
        {
            Assert.Contains(old, json, StringComparison.Ordinal);
            return json.Replace(old, changed, StringComparison.Ordinal);
        });
        Assert.Contains("exactly one of columns.features", Assert.ThrowsAny<Exception>(() => _ml.Model.Load(path, out _)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Model_IsFoundInAChain_AndOtherColumnsMayBeRead()
    {
        IDataView raw = _ml.Data.LoadFromEnumerable(Rows.Dna(20));
        TransformerChain<MambaTransformer> chain = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.MambaClassify(Train.Options(_engine))).Fit(raw);
        IDataView renamed = _ml.Transforms.CopyColumns("Dna", "Sequence").Append(_ml.Transforms.DropColumns("Sequence")).Fit(raw).Transform(raw);
        MambaOutputTransformer featurizer = _ml.Transforms.MambaFeaturize(chain, "F", "Dna").Fit(renamed);
        Assert.Equal(Read.Vectors(_ml.Transforms.MambaFeaturize(chain.LastTransformer).Fit(raw).Transform(raw), "Features"),
            Read.Vectors(featurizer.Transform(renamed), "F"));
        Refused(() => _ml.Transforms.MambaFeaturize(chain).Fit(renamed), "'Sequence'");
        Refused(() => _ml.Transforms.MambaFeaturize(chain).Fit(Train.SeriesKeys(_ml)), "'Sequence'", "text");
        Refused(() => new EstimatorChain<MambaOutputTransformer>().Append(_ml.Transforms.MambaFeaturize(chain)).Fit(Train.SeriesKeys(_ml)), "'Sequence'", "text");
        Refused(() => _ml.Transforms.MambaFeaturize(new TransformerChain<ITransformer>(chain.LastTransformer, chain.LastTransformer)), "exactly one", "2");
        Refused(() => _ml.Transforms.MambaFeaturize(_ml.Transforms.CopyColumns("a", "Sequence").Fit(raw)), "exactly one", "ColumnCopyingTransformer");
        Refused(() => _ml.Transforms.MambaFeaturize(chain, " "), "outputColumnName");
        Refused(() => _ml.Transforms.MambaFeaturize(chain, sequenceColumnName: ""), "sequenceColumnName");
    }

    private static float[][] ByEngine(MambaTransformer classifier, TextRow[] rows)
    {
        using var folder = new TempFolder();
        classifier.ExportTo(folder.Path);
        MambaConfig config = MambaConfig.Load(folder.PathOf("config.json"));
        using IMambaModel model = new Cpu.CpuMambaEngine().CreateModel(config, MambaWeightsFile.Load(folder.PathOf("model.safetensors"), config));
        return [.. rows.Select(row =>
        {
            var pooled = new float[config.DModel];
            model.ForwardPooled(SequenceBatch.FromTokens(classifier.Tokenizer!.EncodeToIds(row.Sequence)), pooled);
            return pooled;
        })];
    }

    private static float[][] ByRows(ITransformer transformer, IDataView data)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        using DataViewRow row = transformer.GetRowToRowMapper(data.Schema).GetRow(cursor, transformer.GetOutputSchema(data.Schema));
        ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(row.Schema["Features"]);
        var values = new List<float[]>();
        while (cursor.MoveNext())
        {
            VBuffer<float> value = default;
            getter(ref value);
            values.Add([.. value.DenseValues()]);
        }

        return [.. values];
    }

    private static ITransformer Single(ITransformer loaded) => loaded is IEnumerable<ITransformer> chain ? chain.Single() : loaded;

    private static void Refused(Action action, params string[] parts)
    {
        var error = Assert.ThrowsAny<ArgumentException>(action);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}

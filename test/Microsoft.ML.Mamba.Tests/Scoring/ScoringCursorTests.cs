using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Scoring;

public class ScoringCursorTests
{
    private readonly MLContext _ml = new(1);
    private readonly FakeEngine _engine = new();
    private readonly IDataView _data;
    private readonly MambaTransformer _model;
    private readonly float[][] _expected;

    public ScoringCursorTests()
    {
        _data = Train.DnaKeys(_ml, 50);
        MambaClassificationOptions options = Train.Options(_engine);
        options.ScoringBatchRows = 8;
        _model = Train.Fit(_ml, _data, options);
        _expected = OneByOne(_model, _data);
    }

    [Fact]
    public void Batches_GiveWhatSingleRowsGive_InOrder()
    {
        int before = _engine.ForwardPasses;
        float[][] scores = Read.Vectors(_model.Transform(_data), "Score");
        Assert.Equal(_expected, scores);
        Assert.Equal(7, _engine.ForwardPasses - before);
        Assert.Equal(8, _engine.LargestBatch);
    }

    [Fact]
    public void TokenLimit_EndsABatchEarlier()
    {
        MambaClassificationOptions options = Train.Options(_engine);
        options.ScoringBatchTokens = 1;
        MambaTransformer model = Train.Fit(_ml, _data, options);
        int before = _engine.ForwardPasses;
        Read.Vectors(model.Transform(_data), "Score");
        Assert.Equal(50, _engine.ForwardPasses - before);
    }

    [Fact]
    public void PassThroughColumns_StayWithTheirRows()
    {
        IDataView scored = _model.Transform(_data);
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<int> id = cursor.GetGetter<int>(scored.Schema["Id"]);
        ValueGetter<VBuffer<float>> extra = cursor.GetGetter<VBuffer<float>>(scored.Schema["Extra"]);
        ValueGetter<ReadOnlyMemory<char>> sequence = cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema["Sequence"]);
        ValueGetter<DataViewRowId> rowId = cursor.GetIdGetter();
        TextRow[] rows = Rows.Dna(50);
        for (int i = 0; cursor.MoveNext(); i++)
        {
            int number = 0;
            VBuffer<float> vector = default;
            ReadOnlyMemory<char> text = default;
            DataViewRowId key = default;
            id(ref number);
            extra(ref vector);
            sequence(ref text);
            rowId(ref key);
            Assert.Equal(i, number);
            Assert.Equal(i, cursor.Position);
            Assert.Equal(rows[i].Extra, vector.DenseValues());
            Assert.Equal(rows[i].Sequence, text.ToString());
            Assert.Equal(new DataViewRowId((ulong)i, 0), key);
        }
    }

    [Fact]
    public void Vectors_BelongToWhoAskedForThem()
    {
        IDataView scored = _model.Transform(_data);
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<VBuffer<float>> extra = cursor.GetGetter<VBuffer<float>>(scored.Schema["Extra"]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        Assert.True(cursor.MoveNext());
        foreach (ValueGetter<VBuffer<float>> getter in new[] { extra, score })
        {
            VBuffer<float> first = default, second = default;
            getter(ref first);
            float[] values = [.. first.DenseValues()];
            VBufferEditor.CreateFromBuffer(ref first).Values.Fill(99);
            getter(ref second);
            Assert.Equal(values, second.DenseValues());
        }
    }

    [Fact]
    public void NoForwardPass_WhereNoOutputColumnIsWanted()
    {
        int before = _engine.ForwardPasses;
        IDataView scored = _model.Transform(_data);
        Assert.Equal(Enumerable.Range(0, 50), Read.Column<int>(scored, "Id"));
        Assert.Equal(before, _engine.ForwardPasses);
        Assert.Equal(50, Read.Column<uint>(scored, "PredictedLabel").Length);
        Assert.True(_engine.ForwardPasses > before);
    }

    [Fact]
    public void RowsBeyondTheWantedOnes_CostAtMostOneBatch()
    {
        int before = _engine.ForwardRows;
        IDataView taken = _ml.Data.TakeRows(_model.Transform(_data), 3);
        Assert.Equal(_expected.Take(3), Read.Vectors(taken, "Score"));
        Assert.True(_engine.ForwardRows - before <= 8);
    }

    [Fact]
    public void InactiveColumnsAndWrongTypes_AreRefused()
    {
        IDataView scored = _model.Transform(_data);
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        Assert.True(cursor.IsColumnActive(scored.Schema["Score"]));
        Assert.False(cursor.IsColumnActive(scored.Schema["Id"]));
        Assert.Contains("'Id'", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(scored.Schema["Id"])).Message, StringComparison.Ordinal);
        Assert.Contains("'Score'", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(scored.Schema["Score"])).Message, StringComparison.Ordinal);
        using DataViewRowCursor plain = scored.GetRowCursor([scored.Schema["Id"]]);
        Assert.Throws<InvalidOperationException>(() => plain.GetGetter<uint>(scored.Schema["PredictedLabel"]));
    }

    [Fact]
    public void CursorBeforeAndAfterItsRows_ThrowsRatherThanGivesStaleValues()
    {
        IDataView scored = _model.Transform(_data);
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<uint> label = cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]);
        uint value = 0;
        Assert.Throws<InvalidOperationException>(() => label(ref value));
        while (cursor.MoveNext())
        {
        }

        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => label(ref value));
    }

    [Fact]
    public void CursorSets_CoverAllRowsOnce()
    {
        IDataView scored = _model.Transform(new SplitView(_data));
        DataViewRowCursor[] cursors = scored.GetRowCursorSet(scored.Schema, 3);
        Assert.Equal(3, cursors.Length);
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<int, float[]>();
        Parallel.ForEach(cursors, cursor =>
        {
            using (cursor)
            {
                ValueGetter<int> id = cursor.GetGetter<int>(scored.Schema["Id"]);
                ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
                long batch = -1;
                while (cursor.MoveNext())
                {
                    int number = 0;
                    VBuffer<float> vector = default;
                    id(ref number);
                    score(ref vector);
                    Assert.True(cursor.Batch >= batch);
                    batch = cursor.Batch;
                    Assert.Equal(number / SplitView.BatchRows, batch);
                    Assert.True(seen.TryAdd(number, [.. vector.DenseValues()]));
                }
            }
        });
        Assert.Equal(_expected, Enumerable.Range(0, 50).Select(i => seen[i]));
    }

    [Fact]
    public void TransformsBehind_MaySplitAndCache()
    {
        IDataView scored = _ml.Transforms.CopyColumns("Copy", "Score").Fit(_model.Transform(_data)).Transform(_model.Transform(new SplitView(_data)));
        Assert.Equal(_expected, Read.Vectors(scored, "Copy"));
        IDataView cached = _ml.Data.Cache(_model.Transform(_data));
        Assert.Equal(_expected, Read.Vectors(cached, "Score"));
        int before = _engine.ForwardPasses;
        Assert.Equal(_expected, Read.Vectors(cached, "Score"));
        Assert.Equal(before, _engine.ForwardPasses);
        IDataView filtered = _ml.Data.FilterRowsByColumn(_model.Transform(_data), "Number", 10, 20);
        Assert.Equal(_expected.Skip(10).Take(10), Read.Vectors(filtered, "Score"));
        IDataView first = _ml.Data.SkipRows(_model.Transform(_ml.Data.FilterRowsByColumn(_data, "Number", 5)), 2);
        Assert.Equal(_expected.Skip(7), Read.Vectors(first, "Score"));
    }

    [Fact]
    public void ShuffledInput_KeepsScoresWithTheirRows()
    {
        IDataView scored = _model.Transform(_ml.Data.ShuffleRows(_data, seed: 5));
        int[] ids = Read.Column<int>(scored, "Id");
        Assert.NotEqual(Enumerable.Range(0, 50), ids);
        foreach (Prediction2 row in _ml.Data.CreateEnumerable<Prediction2>(scored, reuseRowObject: false))
            Assert.Equal(_expected[row.Id], row.Score);
    }

    [Fact]
    public void ManyThreads_ScoreAtOnce()
    {
        IDataView scored = _model.Transform(_data);
        using var both = new Barrier(4);
        int passes = 0;
        _engine.OnForward = () =>
        {
            // The first pass of each of the four threads waits for the others.
            if (Interlocked.Increment(ref passes) <= 4)
                Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(30)));
        };
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() => Assert.Equal(_expected, Read.Vectors(scored, "Score"))))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(4, _engine.MaxConcurrency);
    }

    [Fact]
    public void CrossValidate_Works()
    {
        EstimatorChain<MambaTransformer> pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.MambaClassify(Train.Options()));
        var results = _ml.MulticlassClassification.CrossValidate(_ml.Data.LoadFromEnumerable(Rows.Dna(60)), pipeline, numberOfFolds: 3);
        Assert.Equal(3, results.Count);
        Assert.All(results, fold => Assert.True(fold.Metrics.MicroAccuracy >= 0.9));
    }

    private static float[][] OneByOne(MambaTransformer model, IDataView data)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        using DataViewRow row = model.GetRowToRowMapper(data.Schema).GetRow(cursor, model.GetOutputSchema(data.Schema));
        ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(row.Schema["Score"]);
        var scores = new List<float[]>();
        while (cursor.MoveNext())
        {
            VBuffer<float> value = default;
            getter(ref value);
            scores.Add([.. value.DenseValues()]);
        }

        return [.. scores];
    }

    private sealed class Prediction2
    {
        public int Id { get; set; }

        public float[] Score { get; set; } = [];
    }
}

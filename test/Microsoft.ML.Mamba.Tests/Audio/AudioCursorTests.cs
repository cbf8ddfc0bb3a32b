using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>The views and mappers of the audio transforms keep ML.NET's rules.</summary>
public sealed class AudioCursorTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        public int Id { get; set; }

        public float[] Waveform { get; set; } = [];
    }

    private sealed class Frames
    {
        public float[] Sequence { get; set; } = [];
    }

    [Fact]
    public void CursorSets_GiveEveryRowOnce()
    {
        IDataView data = new SplitView(Data(21));
        IDataView view = Transform(data);
        DataViewSchema.Column id = view.Schema["Id"], frames = view.Schema["Sequence"];
        var found = new Dictionary<int, float[]>();
        DataViewRowCursor[] cursors = view.GetRowCursorSet([id, frames], 3);
        Assert.Equal(3, cursors.Length);
        foreach (DataViewRowCursor cursor in cursors)
        {
            using (cursor)
            {
                ValueGetter<int> number = cursor.GetGetter<int>(id);
                ValueGetter<VBuffer<float>> values = cursor.GetGetter<VBuffer<float>>(frames);
                while (cursor.MoveNext())
                {
                    int row = 0;
                    VBuffer<float> vector = default;
                    number(ref row);
                    values(ref vector);
                    found.Add(row, [.. vector.DenseValues()]);
                }
            }
        }

        Assert.Equal(Read.Vectors(view, "Sequence"), found.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void OnlyWhatIsAskedFor_IsActive()
    {
        IDataView view = Transform(Data(2));
        DataViewSchema.Column id = view.Schema["Id"], frames = view.Schema["Sequence"];
        using DataViewRowCursor cursor = view.GetRowCursor([id]);
        Assert.True(cursor.IsColumnActive(id));
        Assert.False(cursor.IsColumnActive(frames));
        Assert.Same(view.Schema, cursor.Schema);
        Assert.Contains(
            "'Sequence' is not active", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(frames)).Message,
            StringComparison.Ordinal);
        using DataViewRowCursor other = view.GetRowCursor([frames]);
        Assert.Contains(
            "a getter of System.Single was asked for", Assert.Throws<InvalidOperationException>(() => other.GetGetter<float>(frames))
            .Message, StringComparison.Ordinal);
        Assert.False(other.IsColumnActive(view.Schema["Waveform"]));
    }

    [Fact]
    public void ForeignColumns_AreRefused()
    {
        IDataView view = Transform(Data(2)), larger = Transform(view);
        Assert.Contains(
            "does not belong to this view of 3 columns", Assert.Throws<ArgumentException>(() => view.GetRowCursor(larger.Schema)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void OutputOfTheSameName_HidesTheInput()
    {
        IDataView data = Data(2);
        IDataView view = _ml.Transforms.MelSpectrogram("Waveform", "Waveform", sampleRate: 8000).Fit(data).Transform(data);
        Assert.Equal([0, 40], ((VectorDataViewType)view.Schema["Waveform"].Type).Dimensions.AsEnumerable());
        Assert.Equal(Read.Vectors(Transform(data), "Sequence"), Read.Vectors(view, "Waveform"));
    }

    [Fact]
    public void RowIds_AreTheSources()
    {
        IDataView data = Data(3), view = Transform(data);
        Assert.Equal(Ids(data), Ids(view));

        static DataViewRowId[] Ids(IDataView from)
        {
            var ids = new List<DataViewRowId>();
            using DataViewRowCursor cursor = from.GetRowCursor([]);
            ValueGetter<DataViewRowId> getter = cursor.GetIdGetter();
            while (cursor.MoveNext())
            {
                DataViewRowId id = default;
                getter(ref id);
                ids.Add(id);
            }

            return [.. ids];
        }
    }

    [Fact]
    public void Mapper_GivesWhatTheViewGives_AndRefusesOtherRows()
    {
        IDataView data = Data(5);
        ITransformer transformer = _ml.Transforms.MelSpectrogram(sampleRate: 8000).Fit(data);
        IRowToRowMapper mapper = transformer.GetRowToRowMapper(data.Schema);
        Assert.True(transformer.IsRowToRowMapper);
        DataViewSchema.Column frames = mapper.OutputSchema["Sequence"];
        Assert.Equal(["Waveform"], mapper.GetDependencies([frames]).Select(column => column.Name));
        Assert.Equal(["Id"], mapper.GetDependencies([mapper.OutputSchema["Id"]]).Select(column => column.Name));
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        using DataViewRow row = mapper.GetRow(cursor, [frames]);
        ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(frames);
        float[][] expected = Read.Vectors(transformer.Transform(data), "Sequence");
        for (int i = 0; cursor.MoveNext(); i++)
        {
            VBuffer<float> values = default;
            getter(ref values);
            Assert.Equal(expected[i], values.DenseValues());
            Assert.Equal(i, row.Position);
        }

        IDataView other = Data(1);
        using DataViewRowCursor foreign = other.GetRowCursor(other.Schema);
        Assert.Throws<ArgumentException>(() => mapper.GetRow(foreign, [frames]));
    }

    [Fact]
    public void PredictionEngine_TakesWaveforms()
    {
        IDataView data = Data(3);
        ITransformer transformer = _ml.Transforms.MelSpectrogram(sampleRate: 8000).Fit(data);
        using PredictionEngine<Row, Frames> engine = _ml.Model.CreatePredictionEngine<Row, Frames>(transformer);
        float[][] expected = Read.Vectors(transformer.Transform(data), "Sequence"), waveforms = Read.Vectors(data, "Waveform");
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], engine.Predict(new Row { Waveform = waveforms[i] }).Sequence);
    }

    [Fact]
    public void CachedAndShuffledRows_GiveTheSameFrames()
    {
        IDataView data = Data(12), cached = _ml.Data.Cache(Transform(data));
        Assert.Equal(Read.Vectors(Transform(data), "Sequence"), Read.Vectors(cached, "Sequence"));
        IDataView shuffled = Transform(_ml.Data.ShuffleRows(data, seed: 2));
        Assert.Equal(
            Read.Column<int>(cached, "Id").Zip(Read.Vectors(cached, "Sequence")).OrderBy(row => row.First).Select(row => row.Second),
            Read.Column<int>(shuffled, "Id").Zip(Read.Vectors(shuffled, "Sequence")).OrderBy(row => row.First).Select(row => row.Second));
    }

    private IDataView Data(int count) => _ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, count).Select(i => new Row { Id = i, Waveform = MelSpectrogramTests.Waveform(300 + 37 * i, 8000) }).ToArray());

    private IDataView Transform(IDataView data) => _ml.Transforms.MelSpectrogram(sampleRate: 8000).Fit(data).Transform(data);
}

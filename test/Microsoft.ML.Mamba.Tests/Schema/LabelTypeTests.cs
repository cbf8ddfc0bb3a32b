using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Schema;

/// <summary>Labels of every type of key and of key value, through training, saving and loading.</summary>
public class LabelTypeTests
{
    private sealed class Row<T>
    {
        public T Label { get; set; } = default!;

        public string Sequence { get; set; } = "";
    }

    private readonly MLContext _ml = new(1);

    public static TheoryData<object, object, string> Values => new()
    {
        { "Größe", "日本", "Größe" },
        { true, false, "True" },
        { (sbyte)-3, (sbyte)4, "-3" },
        { (byte)3, (byte)4, "3" },
        { (short)-300, (short)4, "-300" },
        { (ushort)65535, (ushort)4, "65535" },
        { -7, 4, "-7" },
        { 4000000000u, 4u, "4000000000" },
        { long.MinValue, 4L, "-9223372036854775808" },
        { ulong.MaxValue, 4UL, "18446744073709551615" },
        { 0.1f, -1e30f, "0.1" },
        { 0.1, double.NegativeInfinity, "0.1" },
        { new DateTime(2024, 2, 29, 1, 2, 3, 4, 5, DateTimeKind.Utc), new DateTime(1999, 1, 1), "2024-02-29T01:02:03.0040050Z" },
        { new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(2)), new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.Zero),
            "2024-02-29T01:02:03.0000000+02:00" },
        { new TimeSpan(1, 2, 3, 4, 5), TimeSpan.Zero, "1.02:03:04.0050000" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void KeyValues_OfAnyType_AreCarriedThroughASavedModel(object first, object second, string name)
    {
        typeof(LabelTypeTests).GetMethod(nameof(CheckType), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
            .MakeGenericMethod(first.GetType()).Invoke(this, [first, second, name]);
    }

    private void CheckType<T>(T first, T second, string name) where T : notnull
    {
        Row<T>[] rows = [.. Rows.Dna(20).Select(row => new Row<T> { Label = row.Label == "gc" ? first : second, Sequence = row.Sequence })];
        IDataView data = Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(rows));
        MambaTransformer model = Train.Fit(_ml, data);
        using var folder = new TempFolder();
        string path = folder.PathOf("m.zip");
        _ml.Model.Save(model, data.Schema, path);
        var loaded = (MambaTransformer)Single(_ml.Model.Load(path, out _));
        Assert.Equal(name, loaded.Labels[0]);
        Assert.Equal(model.Labels, loaded.Labels);
        Assert.Equal(model.Labels, Read.Names(loaded.GetOutputSchema(data.Schema)["Score"], "SlotNames"));
        IDataView mapped = _ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(loaded.Transform(data)).Transform(loaded.Transform(data));
        object[] predicted = typeof(T) == typeof(string)
            ? [.. Read.Text(mapped, "PredictedLabel")]
            : [.. Read.Column<T>(mapped, "PredictedLabel").Cast<object>()];
        Assert.Equal(rows.Select(row => (object)row.Label), predicted);
    }

    [Fact]
    public void RawKeyTypes_AllTrain_AndClassesWithoutNamesAreNumbered()
    {
        TextRow[] rows = Rows.Dna(30);
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        T[] Keys<T>() where T : System.Numerics.INumber<T> => [.. rows.Select(row => T.CreateChecked(row.Label == "gc" ? 1 : 3))];
        IDataView[] views = [new KeyedView<byte>(data, 3, Keys<byte>()), new KeyedView<ushort>(data, 3, Keys<ushort>()),
            new KeyedView<uint>(data, 3, Keys<uint>()), new KeyedView<ulong>(data, 3, Keys<ulong>())];
        foreach (IDataView view in views)
        {
            MambaTransformer model = Train.Fit(_ml, view);
            Assert.Equal(["0", "1", "2"], model.Labels);
            IDataView scored = model.Transform(view);
            Assert.Equal(Keys<uint>(), Read.Column<uint>(scored, "PredictedLabel"));
            Assert.Null(scored.Schema["PredictedLabel"].Annotations.Schema.GetColumnOrNull("KeyValues"));
            Assert.Null(scored.Schema["Score"].Annotations.Schema.GetColumnOrNull("SlotNames"));
        }
    }

    [Fact]
    public void MissingLabels_AreSkippedAndCounted()
    {
        TextRow[] rows = Rows.Dna(30);
        for (int i = 0; i < 4; i++)
            rows[i].Sequence = "";
        var log = new LogRecorder(_ml);
        uint[] keys = [.. rows.Select((row, i) => i < 4 ? 0u : row.Label == "gc" ? 1 : 2u)];
        MambaTransformer model = Train.Fit(_ml, new KeyedView<uint>(_ml.Data.LoadFromEnumerable(rows), 2, keys));
        Assert.Equal(26, model.History.TrainingRows);
        Assert.Contains("skipped 4 without a label", log.All, StringComparison.Ordinal);
    }

    [Fact]
    public void LabelBeyondItsKeyRange_NamesTheRow()
    {
        IDataView data = new KeyedView<ulong>(_ml.Data.LoadFromEnumerable(Rows.Dna(10)), 2, [1, 2, 1, 2, 1, 2, 1, 9, 1, 2]);
        var error = Assert.Throws<InvalidDataException>(() => Train.Fit(_ml, data));
        Assert.Contains("Row 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("label 9", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Label'", error.Message, StringComparison.Ordinal);
    }

    private static ITransformer Single(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.Single() : model;
}

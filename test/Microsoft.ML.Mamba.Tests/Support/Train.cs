namespace Microsoft.ML.Mamba.Tests.Support;

/// <summary>Shortens what most tests do.</summary>
internal static class Train
{
    public static MambaClassificationOptions Options(IMambaEngine? engine = null) =>
        new() { EngineOverride = engine ?? new FakeEngine(), DModel = 16, NumLayers = 1, MaxEpochs = 8, BatchSize = 8, EnsembleSize = 1, Seed = 3 };

    public static IDataView WithKeys(MLContext ml, IDataView data) =>
        ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);

    public static IDataView DnaKeys(MLContext ml, int count = 40, int seed = 1) => WithKeys(ml, ml.Data.LoadFromEnumerable(Rows.Dna(count, seed)));

    public static MambaTransformer Fit(MLContext ml, IDataView data, MambaClassificationOptions? options = null) =>
        ml.Transforms.MambaClassify(options ?? Options()).Fit(data);

    public static IDataView SeriesKeys(MLContext ml, int count = 40, int channels = 1) => WithKeys(ml, ml.Data.LoadFromEnumerable(Rows.Series(count, channels)));
}

/// <summary>Reads columns of a view.</summary>
internal static class Read
{
    public static T[] Column<T>(IDataView view, string name)
    {
        var values = new List<T>();
        DataViewSchema.Column column = view.Schema[name];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        while (cursor.MoveNext())
        {
            T value = default!;
            getter(ref value);
            values.Add(value);
        }

        return [.. values];
    }

    public static string[] Text(IDataView view, string name) => [.. Column<ReadOnlyMemory<char>>(view, name).Select(text => text.ToString())];

    public static float[][] Vectors(IDataView view, string name) => [.. Column<VBuffer<float>>(view, name).Select(vector => vector.DenseValues().ToArray())];

    public static string[] Names(DataViewSchema.Column column, string annotation)
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.Annotations.GetValue(annotation, ref values);
        return [.. values.DenseValues().Select(text => text.ToString())];
    }

    public static double Accuracy(MLContext ml, IDataView scored) => ml.MulticlassClassification.Evaluate(scored).MicroAccuracy;
}

/// <summary>What an MLContext logged.</summary>
internal sealed class LogRecorder
{
    private readonly List<string> _lines = [];

    public LogRecorder(MLContext ml) => ml.Log += (_, entry) =>
    {
        lock (_lines)
            _lines.Add($"{entry.Kind}: {entry.RawMessage}");
    };

    public string All
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }
}

/// <summary>A folder of one test, removed with it.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mamba-tests-");

    public string Path => _folder.FullName;

    public string PathOf(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}

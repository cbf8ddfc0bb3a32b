using Microsoft.ML.Mamba.Engines;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Surface;

/// <summary>The torch engine under the ML.NET estimator.</summary>
public sealed class PipelineTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void TrainedOnTorch_TheZipPredictsAlikeWithoutIt(string device)
    {
        IDataView rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Row { Label = i % 2 == 0 ? "up" : "down", Sequence = Sequence(i) }));
        IDataView data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
        var options = new MambaClassificationOptions
        {
            EngineOverride = TorchEngines.Get(device), DModel = 16, NumLayers = 2, MaxEpochs = 6, BatchSize = 8, Seed = 3,
        };
        MambaTransformer model = _ml.Transforms.MambaClassify(options).Fit(data);
        Assert.StartsWith("torch-" + device, model.Engine, StringComparison.Ordinal);
        (uint[] labels, float[][] scores) = Read(model.Transform(data));
        Assert.Equal(2, labels.Distinct().Count());

        string path = Path.Combine(Directory.CreateTempSubdirectory("mamba-tests-").FullName, "model.zip");
        try
        {
            _ml.Model.Save(model, data.Schema, path);
            // A fresh context has no GPU device and so takes the managed engine, which knows nothing of torch.
            ITransformer loaded = new MLContext(2).Model.Load(path, out _);
            Assert.Equal("cpu", Assert.IsType<MambaTransformer>(loaded).Engine);
            (uint[] others, float[][] otherScores) = Read(loaded.Transform(data));
            Assert.Equal(labels, others);
            for (int i = 0; i < scores.Length; i++)
                EngineConformance.Support.Close.Values(scores[i], otherScores[i], Tolerances.Agreement, $"scores of row {i}");
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void GpuPrecision_IsTheEngines()
    {
        _ = TorchEngines.Cuda;
        (_ml.GpuDeviceId, _ml.FallbackToCpu) = (0, false);
        IDataView rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Row { Label = i % 2 == 0 ? "up" : "down", Sequence = Sequence(i) }));
        IDataView data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
        var options = new MambaClassificationOptions { DModel = 16, MaxEpochs = 1, Seed = 3 };
        Assert.Equal("torch-cuda:0", _ml.Transforms.MambaClassify(options).Fit(data).Engine);
        options.GpuPrecision = MambaPrecision.BFloat16;
        Assert.Equal("torch-cuda:0 (bfloat16)", _ml.Transforms.MambaClassify(options).Fit(data).Engine);
    }

    [Fact]
    public void GpuDeviceId_FindsTheEngineByItsAssembly()
    {
        bool found = GpuEngineSource.Default.TryCreate(0, MambaPrecision.Float32, out IMambaEngine? engine, out string? reason);
        if (found)
            Assert.Equal("torch-cuda:0", engine!.Name);
        else
            Assert.Contains("Microsoft.ML.Mamba.TorchSharp cannot use it: ", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void UnusableDevice_FallsBackOrSaysWhy()
    {
        (_ml.GpuDeviceId, _ml.FallbackToCpu) = (4096, true);
        Assert.Equal("cpu", EngineSelector.Select(_ml, MambaEngineKind.Auto, null, GpuEngineSource.Default).Name);
        _ml.FallbackToCpu = false;
        string message = Assert.Throws<InvalidOperationException>(() => EngineSelector.Select(_ml, MambaEngineKind.Auto, null, GpuEngineSource.Default)).Message;
        Assert.Contains("GPU 4096 was asked for", message, StringComparison.Ordinal);
        Assert.Contains("FallbackToCpu", message, StringComparison.Ordinal);
    }

    private static string Sequence(int i)
    {
        var random = new Random(i);
        string rest = string.Concat(Enumerable.Range(0, 20 + random.Next(20)).Select(_ => "ACGT"[random.Next(4)]));
        return i % 2 == 0 ? "ACACAC" + rest : rest + "GTGTGT";
    }

    private static (uint[] Labels, float[][] Scores) Read(IDataView view)
    {
        var labels = new List<uint>();
        var scores = new List<float[]>();
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["PredictedLabel"], view.Schema["Score"]]);
        ValueGetter<uint> label = cursor.GetGetter<uint>(view.Schema["PredictedLabel"]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(view.Schema["Score"]);
        while (cursor.MoveNext())
        {
            uint key = 0;
            VBuffer<float> values = default;
            label(ref key);
            score(ref values);
            labels.Add(key);
            scores.Add([.. values.DenseValues()]);
        }

        return ([.. labels], [.. scores]);
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public string Sequence { get; set; } = "";
    }
}

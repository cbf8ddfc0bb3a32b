using Microsoft.ML.Mamba.Engines;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Engines;

public class EngineSelectorTests
{
    private readonly MLContext _ml = new(1);
    private readonly GpuEngineSource _here = new(typeof(EngineSelectorTests).Assembly.GetName().Name!, typeof(GpuEntry).FullName!);

    [Fact]
    public void WithoutARequest_TheCpuComputes()
    {
        Assert.Equal("cpu", EngineSelector.Select(_ml, MambaEngineKind.Auto, null, _here).Name);
        Assert.Equal("cpu", EngineSelector.Select(_ml, MambaEngineKind.Cpu, 2, _here).Name);
        _ml.GpuDeviceId = 1;
        Assert.Equal("cpu", EngineSelector.Select(_ml, MambaEngineKind.Cpu, null, _here).Name);
    }

    [Fact]
    public void ARequest_GetsTheDevice()
    {
        Assert.Equal("gpu 0", EngineSelector.Select(_ml, MambaEngineKind.Gpu, null, _here).Name);
        _ml.GpuDeviceId = 3;
        Assert.Equal("gpu 3", EngineSelector.Select(_ml, MambaEngineKind.Auto, null, _here).Name);
        Assert.Equal("gpu 3 BFloat16", EngineSelector.Select(_ml, MambaEngineKind.Auto, null, _here, MambaPrecision.BFloat16).Name);
    }

    [Fact]
    public void WithoutThePackage_TheCpuTakesItsPlaceAndTheLogSaysSo()
    {
        var log = new LogRecorder(_ml);
        (_ml.GpuDeviceId, _ml.FallbackToCpu) = (0, true);
        IDataView data = Train.DnaKeys(_ml, 10);
        MambaTransformer model = _ml.Transforms.MambaClassify(maxEpochs: 1, dModel: 4).Fit(data);
        Assert.Equal("cpu", model.Engine);
        Assert.Contains("Warning: GPU 0 was asked for, but the package Microsoft.ML.Mamba.TorchSharp", log.All, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutThePackageOrFallback_TheErrorNamesThePackage()
    {
        _ml.FallbackToCpu = false;
        IDataView data = Train.DnaKeys(_ml, 10);
        Assert.Equal("cpu", _ml.Transforms.MambaClassify(maxEpochs: 1, dModel: 4).Fit(data).Engine);
        var options = new MambaClassificationOptions { Engine = MambaEngineKind.Gpu };
        var error = Assert.Throws<InvalidOperationException>(() => _ml.Transforms.MambaClassify(options).Fit(data));
        Assert.Contains("Microsoft.ML.Mamba.TorchSharp", error.Message, StringComparison.Ordinal);
        Assert.Contains("FallbackToCpu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnusableDevice_IsTreatedAlike()
    {
        (_ml.GpuDeviceId, _ml.FallbackToCpu) = (99, true);
        Assert.Equal("cpu", EngineSelector.Select(_ml, MambaEngineKind.Auto, null, _here).Name);
        _ml.FallbackToCpu = false;
        Assert.Contains(
            "there is no device 99",
            Assert.Throws<InvalidOperationException>(() => EngineSelector.Select(_ml, MambaEngineKind.Auto, null, _here)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>What the GPU package has to offer.</summary>
    public static class GpuEntry
    {
        public static IMambaEngine Create(int deviceId, MambaPrecision precision) =>
            deviceId == 99 ? throw new NotSupportedException("there is no device 99.")
            : new Gpu(precision == MambaPrecision.Float32 ? $"{deviceId}" : $"{deviceId} {precision}");
    }

    private sealed class Gpu(string name) : IMambaEngine
    {
        public string Name => $"gpu {name}";

        public IMambaModel CreateModel(MambaConfig config, MambaWeights weights) => throw new NotSupportedException();
    }
}

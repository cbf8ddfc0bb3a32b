using Microsoft.ML.Mamba.EngineConformance.Support;
using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Engine;

public sealed class ModuleTests
{
    [Theory]
    [MemberData(nameof(ModelCases.Everything), MemberType = typeof(ModelCases))]
    public void NamedParameters_AreUpstreams(string name)
    {
        _ = Support.TorchEngines.Cpu;
        MambaConfig config = ModelCases.Get(name);
        using var core = new ModelCore(config, RandomWeights.Create(config, 1), torch.CPU, new ManagedKernels());
        IEnumerable<(string, string)> expected = MambaParameters.List(config).Select(parameter => (parameter.Name, string.Join(", ", parameter.Shape)));
        IEnumerable<(string, string)> actual = core.Network.named_parameters().Select(item => (item.name, string.Join(", ", item.parameter.shape)));
        Assert.Equal(expected.Order(), actual.Order());
        foreach ((string parameter, torch.Tensor tensor) in core.Network.named_parameters())
            Close.Bits(RandomWeights.Create(config, 1)[parameter].Values, Native.TensorMemory.Elements<float>(tensor).ToArray(), parameter);
    }
}

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>The depthwise convolution's parameters, <c>weight</c> [channels, 1, k] and perhaps <c>bias</c>.</summary>
internal sealed class Convolution : NamedModule
{
    public Convolution(ParameterStore store, string name) : base(name)
    {
        Weight = Register("weight", store[name + ".weight"])!;
        Bias = Register("bias", store.Find(name + ".bias"));
    }

    public ParameterSlot Weight { get; }

    public ParameterSlot? Bias { get; }
}

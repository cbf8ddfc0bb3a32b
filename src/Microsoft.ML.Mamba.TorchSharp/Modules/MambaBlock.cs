using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>One block: a norm and a mixer around which the residual stream flows.</summary>
internal sealed class MambaBlock : NamedModule
{
    public MambaBlock(MambaConfig config, ParameterStore store, FusedKernels kernels, string name) : base(name)
    {
        Norm = Register("norm", new Norm(store, name + ".norm", config.NormEpsilon));
        Mixer = Register("mixer", new Mixer(config, store, kernels, name + ".mixer"));
    }

    public Norm Norm { get; }

    public Mixer Mixer { get; }
}

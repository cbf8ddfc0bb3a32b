using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>The parameters of one block.</summary>
internal sealed class BlockParameters
{
    public BlockParameters(MambaConfig config, ParameterBuffer buffer, string prefix)
    {
        Norm = buffer[prefix + "norm.weight"];
        InProj = buffer[prefix + "mixer.in_proj.weight"];
        InProjBias = buffer[prefix + "mixer.in_proj.bias"];
        Forward = new DirectionParameters(buffer, prefix + "mixer.", "");
        Reversed = config.Direction switch
        {
            MambaDirection.BidirectionalTied => Forward,
            MambaDirection.BidirectionalSeparate => new DirectionParameters(buffer, prefix + "mixer.", "_b"),
            _ => null,
        };
        OutProj = buffer[prefix + "mixer.out_proj.weight"];
        OutProjBias = buffer[prefix + "mixer.out_proj.bias"];
    }

    public NativeBuffer<float> Norm { get; }

    /// <summary>[2 DInner, DModel]: rows of x, then rows of z.</summary>
    public NativeBuffer<float> InProj { get; }

    public NativeBuffer<float> InProjBias { get; }

    public DirectionParameters Forward { get; }

    /// <summary>The second direction's; the same object as <see cref="Forward"/> where tied, null where there is none.</summary>
    public DirectionParameters? Reversed { get; }

    /// <summary>[DModel, DInner].</summary>
    public NativeBuffer<float> OutProj { get; }

    public NativeBuffer<float> OutProjBias { get; }
}

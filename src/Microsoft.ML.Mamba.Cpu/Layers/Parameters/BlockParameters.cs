using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>The parameters of one block.</summary>
internal sealed class BlockParameters
{
    public BlockParameters(MambaConfig config, ParameterBuffer buffer, string prefix)
    {
        Norm = buffer[prefix + "norm.weight"];
        InProj = buffer.Matrix(prefix + "mixer.in_proj.weight");
        InProjX = new WeightMatrix(InProj.Values.Slice(0, InProj.Values.Length / 2), InProj.Outputs / 2, InProj.Inputs);
        InProjBias = buffer[prefix + "mixer.in_proj.bias"];
        Forward = new DirectionParameters(buffer, prefix + "mixer.", "");
        Reversed = config.Direction switch
        {
            MambaDirection.BidirectionalTied => Forward,
            MambaDirection.BidirectionalSeparate => new DirectionParameters(buffer, prefix + "mixer.", "_b"),
            _ => null,
        };
        OutProj = buffer.Matrix(prefix + "mixer.out_proj.weight");
        OutProjBias = buffer[prefix + "mixer.out_proj.bias"];
    }

    public NativeBuffer<float> Norm { get; }

    /// <summary>[2 DInner, DModel]: rows of x, then rows of z.</summary>
    public WeightMatrix InProj { get; }

    /// <summary>The rows of x alone, [DInner, DModel].</summary>
    public WeightMatrix InProjX { get; }

    public NativeBuffer<float> InProjBias { get; }

    public DirectionParameters Forward { get; }

    /// <summary>The second direction's; the same object as <see cref="Forward"/> where tied, null where there is none.</summary>
    public DirectionParameters? Reversed { get; }

    /// <summary>[DModel, DInner].</summary>
    public WeightMatrix OutProj { get; }

    public NativeBuffer<float> OutProjBias { get; }

    /// <summary>The linear layers that inference uses.</summary>
    public IEnumerable<WeightMatrix> Matrices
    {
        get
        {
            IEnumerable<WeightMatrix> matrices = [InProj, Forward.XProj, Forward.DtProj, OutProj];
            if (Reversed is null)
                return matrices;
            matrices = matrices.Append(InProjX);
            return ReferenceEquals(Reversed, Forward) ? matrices : matrices.Concat([Reversed.XProj, Reversed.DtProj]);
        }
    }
}

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>A linear layer <c>y = x W^T + bias</c> in the engine's precision, with parameters <c>weight</c> and perhaps <c>bias</c>.</summary>
internal sealed class Linear : NamedModule
{
    private readonly ParameterSlot _weight;
    private readonly ParameterSlot? _bias;

    /// <param name="store">The model's parameters.</param>
    /// <param name="name">The layer's full name.</param>
    /// <param name="hasBias">Whether a parameter <c>bias</c> is this layer's; dt_proj's is added inside the scan.</param>
    public Linear(ParameterStore store, string name, bool hasBias = true) : base(name)
    {
        _weight = Register("weight", store[name + ".weight"])!;
        ParameterSlot? bias = Register("bias", store.Find(name + ".bias"));
        Bias = bias;
        _bias = hasBias ? bias : null;
    }

    /// <summary>The registered bias, or null.</summary>
    public ParameterSlot? Bias { get; }

    /// <param name="x">[rows, inputs].</param>
    /// <returns>[rows, outputs].</returns>
    public Tensor Forward(Tensor x)
    {
        if (_bias is null)
            return nn.functional.linear(x, _weight.Compute);
        Tensor bias = _bias.Value.detach();
        return nn.functional.linear(x, _weight.Compute, bias.dtype == x.dtype ? bias : bias.to(x.dtype));
    }

    /// <summary>dL/dx = gradY W.</summary>
    public Tensor BackwardInput(Tensor gradY) => gradY.mm(_weight.Compute);

    /// <summary>gradX += gradY W.</summary>
    public void AddBackwardInput(Tensor gradY, Tensor gradX) => gradX.addmm_(gradY, _weight.Compute);

    /// <summary>Adds the parameters' gradients to where they are gathered: gradY^T x, and the sum of gradY's rows.</summary>
    public void AddParameterGradients(Tensor gradY, Tensor x)
    {
        Tensor gradWeight = _weight.Gradient!.view(_weight.Compute.shape);
        if (gradWeight.dtype == x.dtype)
            gradWeight.addmm_(gradY.t(), x);
        else
            gradWeight.add_(gradY.t().mm(x));
        _bias?.Gradient!.add_(gradY.sum(0, type: ScalarType.Float32));
    }
}

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>A root mean square norm with the parameter <c>weight</c>.</summary>
internal sealed class Norm : NamedModule
{
    public Norm(ParameterStore store, string name, float epsilon) : base(name)
    {
        Weight = Register("weight", store[name + ".weight"])!;
        Epsilon = epsilon;
    }

    public ParameterSlot Weight { get; }

    public float Epsilon { get; }
}

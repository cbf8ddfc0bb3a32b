namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>
/// A parameter that is always read in float32, and perhaps a bias: an embedding's table, the input projection, the pooling query or the
/// classifier.
/// </summary>
internal sealed class Table : NamedModule
{
    public Table(ParameterStore store, string name, string parameter = "weight", bool hasBias = false) : base(name)
    {
        Weight = Register(parameter, store[$"{name}.{parameter}"])!;
        if (hasBias)
            Bias = Register("bias", store[$"{name}.bias"]);
    }

    public ParameterSlot Weight { get; }

    public ParameterSlot? Bias { get; }
}

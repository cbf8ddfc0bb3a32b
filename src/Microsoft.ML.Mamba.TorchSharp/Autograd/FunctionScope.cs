namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>
/// Runs a function so that only its outputs stay: TorchSharp makes an empty tensor as large as each output and holds it as long as the graph lives, unless it was
/// disposed before (no function here asks for materialised gradients, which they are for).
/// </summary>
internal static class FunctionScope
{
    public static Tensor Run(Func<Tensor> function)
    {
        using DisposeScope scope = NewDisposeScope();
        return function().MoveToOuterDisposeScope();
    }

    public static List<Tensor> Run(Func<List<Tensor>> function)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> outputs = function();
        foreach (Tensor output in outputs)
            output.MoveToOuterDisposeScope();
        return outputs;
    }
}

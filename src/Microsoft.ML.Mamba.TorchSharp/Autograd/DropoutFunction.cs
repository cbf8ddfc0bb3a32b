using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>Dropout by a mask that follows from a key, the same that the CPU engine draws; the backward pass draws it again.</summary>
internal sealed class DropoutFunction : autograd.SingleTensorFunction<DropoutFunction>
{
    private const string Key = "call";

    public override string Name => nameof(DropoutFunction);

    /// <param name="x">[rows, channels].</param>
    /// <param name="probability">Of an element to be dropped; 0 gives x itself.</param>
    /// <param name="key">The mask.</param>
    /// <param name="pass">The pass.</param>
    public static Tensor Apply(Tensor x, float probability, DropoutKey key, PassContext pass) =>
        probability > 0 ? FunctionScope.Run(() => apply(x, probability, key, pass)) : x;

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, probability, key, pass) = ((Tensor)vars[0], (float)vars[1], (DropoutKey)vars[2], (PassContext)vars[3]);
        ctx.set_materialize_grads(false);
        ctx.save_data(Key, new Call(probability, key, pass));
        Tensor y = empty_like(x);
        pass.Kernels.Dropout(x, y, probability, key);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var call = (Call)ctx.get_data(Key);
        return call.Pass.Tape.Run(4, [grad_output], gradients =>
        {
            Tensor gradX = empty_like(gradients[0]!);
            call.Pass.Kernels.Dropout(gradients[0]!, gradX, call.Probability, call.Mask);
            return [gradX];
        })!;
    }

    private sealed record Call(float Probability, DropoutKey Mask, PassContext Pass);
}

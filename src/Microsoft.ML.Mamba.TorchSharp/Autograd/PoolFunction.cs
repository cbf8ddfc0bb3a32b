namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>Pooling of whole sequences by every kind but attention, which is made of means.</summary>
internal sealed class PoolFunction : autograd.SingleTensorFunction<PoolFunction>
{
    private const string Key = "call";

    public override string Name => nameof(PoolFunction);

    /// <param name="hidden">[T, channels].</param>
    /// <param name="kind">Last, Mean, Max or First.</param>
    /// <param name="pass">The pass.</param>
    /// <returns>[sequences, channels], float32.</returns>
    public static Tensor Apply(Tensor hidden, MambaPooling kind, PassContext pass) => FunctionScope.Run(() => apply(hidden, kind, pass));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (hidden, kind, pass) = ((Tensor)vars[0], (MambaPooling)vars[1], (PassContext)vars[2]);
        ctx.set_materialize_grads(false);
        Tensor pooled = empty(pass.Rows.Sequences, hidden.shape[1], dtype: ScalarType.Float32, device: hidden.device);
        Tensor? argMax = pass.Kernels.PoolForward(pass.Rows, kind, hidden, pooled);
        ctx.save_data(Key, new Call(kind, pass, hidden.shape, hidden.dtype, argMax is null ? null : pass.Tape.Keep(argMax)));
        return pooled;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var call = (Call)ctx.get_data(Key);
        return call.Pass.Tape.Run(3, [grad_output], gradients =>
        {
            Tensor gradHidden = empty(call.Shape, dtype: call.Type, device: gradients[0]!.device);
            call.Pass.Kernels.PoolBackward(call.Pass.Rows, call.Kind, gradients[0]!, call.ArgMax, gradHidden);
            return [gradHidden];
        })!;
    }

    private sealed record Call(MambaPooling Kind, PassContext Pass, long[] Shape, ScalarType Type, Tensor? ArgMax);
}

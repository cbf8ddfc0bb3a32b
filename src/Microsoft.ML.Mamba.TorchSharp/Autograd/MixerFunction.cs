using Microsoft.ML.Mamba.TorchSharp.Modules;

namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>A whole mixer as one function, so that what its backward pass recomputes is this project's choice.</summary>
internal sealed class MixerFunction : autograd.SingleTensorFunction<MixerFunction>
{
    private const string Key = "call";

    public override string Name => nameof(MixerFunction);

    /// <param name="normed">[T, DModel].</param>
    /// <param name="mixer">The mixer.</param>
    /// <param name="pass">The pass.</param>
    public static Tensor Apply(Tensor normed, Mixer mixer, PassContext pass) => FunctionScope.Run(() => apply(normed, mixer, pass));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (normed, mixer, pass) = ((Tensor)vars[0], (Mixer)vars[1], (PassContext)vars[2]);
        ctx.set_materialize_grads(false);
        Tensor output = mixer.Forward(pass.Rows, normed, default, withTape: true, out MixerTape? tape);
        ctx.save_data(Key, new Call(mixer, pass, tape!.Kept(pass.Tape.Keep, !pass.Kernels.RecomputesProducts)));
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var call = (Call)ctx.get_data(Key);
        return call.Pass.Tape.Run(3, [grad_output], gradients =>
        {
            Tensor gradNormed = call.Mixer.Backward(call.Pass.Rows, call.Tape, gradients[0]!, call.Pass.WithParameters, default);
            call.Tape.Free();
            return [gradNormed];
        })!;
    }

    private sealed record Call(Mixer Mixer, PassContext Pass, MixerTape Tape);
}

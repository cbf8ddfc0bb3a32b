using Microsoft.ML.Mamba.TorchSharp.Kernels;
using Microsoft.ML.Mamba.TorchSharp.Modules;

namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>The residual addition and the norm after it: <c>sum = residual + hidden; normed = RMSNorm(sum)</c>.</summary>
internal sealed class AddNormFunction : autograd.MultiTensorFunction<AddNormFunction>
{
    private const string Key = "call";

    public override string Name => nameof(AddNormFunction);

    /// <param name="hidden">A block's output, [T, DModel] in the engine's precision; or null before the first block.</param>
    /// <param name="residual">[T, DModel], float32.</param>
    /// <param name="norm">The norm.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="givesSum">Whether the sum is needed further on; the last norm's is not.</param>
    /// <returns>The normed sum in the engine's precision, and the sum: the residual itself where there is no hidden.</returns>
    public static (Tensor Normed, Tensor Sum) Apply(Tensor? hidden, Tensor residual, Norm norm, PassContext pass, bool givesSum)
    {
        List<Tensor> outputs = FunctionScope.Run(() => apply(hidden!, residual, norm, pass, givesSum));
        return (outputs[0], outputs.Count > 1 ? outputs[1] : residual);
    }

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (hidden, residual, norm, pass, givesSum) = ((Tensor?)vars[0], (Tensor)vars[1], (Norm)vars[2], (PassContext)vars[3], (bool)vars[4]);
        ctx.set_materialize_grads(false);
        Tensor normed = empty(residual.shape, dtype: pass.Kernels.ElementType, device: residual.device);
        Tensor? sum = hidden is null ? null : empty_like(residual);
        Tensor inverseRms = empty(residual.shape[0], dtype: ScalarType.Float32, device: residual.device);
        pass.Kernels.NormForward(new NormInputs(hidden, residual, norm.Weight.Value, norm.Epsilon), normed, sum, inverseRms);
        ctx.save_data(Key, new Call(norm, pass, pass.Tape.Keep(sum ?? residual), pass.Tape.Keep(inverseRms), hidden is not null));
        return sum is null || !givesSum ? [normed] : [normed, sum];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var call = (Call)ctx.get_data(Key);
        return call.Pass.Tape.Run(5, grad_outputs, gradients => Backward(call, gradients))!;
    }

    private static Tensor?[] Backward(Call call, Tensor?[] gradients)
    {
        Tensor gradResidual = empty_like(call.Sum);
        Tensor? gradSum = gradients.Length > 1 ? gradients[1] : null;
        Tensor gradNormed = gradients[0]!;
        bool reduces = call.HasHidden && gradNormed.dtype != ScalarType.Float32;
        Tensor? gradHidden = reduces ? empty_like(gradNormed) : null;
        Tensor gradWeight = call.Pass.WithParameters ? call.Norm.Weight.Gradient! : zeros_like(call.Norm.Weight.Value);
        call.Pass.Kernels.NormBackward(
            new NormInputs(null, call.Sum, call.Norm.Weight.Value, call.Norm.Epsilon), call.InverseRms, gradNormed, gradSum, gradHidden, gradResidual, gradWeight);
        call.Sum.Dispose();
        call.InverseRms.Dispose();
        return [call.HasHidden ? gradHidden ?? gradResidual : null, gradResidual];
    }

    private sealed record Call(Norm Norm, PassContext Pass, Tensor Sum, Tensor InverseRms, bool HasHidden);
}

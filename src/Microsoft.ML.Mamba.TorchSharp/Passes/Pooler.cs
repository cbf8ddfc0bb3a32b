using Microsoft.ML.Mamba.TorchSharp.Autograd;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>Pooling of whole sequences and the classifier, with a history.</summary>
internal static class Pooler
{
    /// <param name="hidden">[T, DModel].</param>
    /// <param name="model">The model.</param>
    /// <param name="pass">The pass.</param>
    /// <returns>[sequences, DModel], float32.</returns>
    public static Tensor Pool(Tensor hidden, ModelCore model, PassContext pass)
    {
        MambaPooling kind = model.Config.Pooling;
        return kind == MambaPooling.Attention
            ? AttentionPooling.Of(hidden, model.Network.Pooler!.Weight.Value, pass.Rows.Segments!, (values, part) => PoolFunction.Apply(values, part, pass)).Pooled
            : PoolFunction.Apply(hidden, kind, pass);
    }

    /// <summary>Logits, [sequences, NumClasses].</summary>
    public static Tensor Classify(Tensor pooled, ModelCore model) =>
        nn.functional.linear(pooled, model.Network.Classifier!.Weight.Value, model.Network.Classifier.Bias!.Value);
}

using Microsoft.ML.Mamba.Cpu.Kernels;
using Microsoft.ML.Mamba.Cpu.Layers;
using Microsoft.ML.Mamba.TorchSharp.Autograd;
using MambaBlock = Microsoft.ML.Mamba.TorchSharp.Modules.MambaBlock;

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>The blocks and the final norm, with a history for a backward pass.</summary>
internal static class BackbonePass
{
    /// <param name="model">The model.</param>
    /// <param name="residual">The first block's input, [T, DModel], float32.</param>
    /// <param name="dropout">Probability that an element of a block's output is dropped.</param>
    /// <param name="keyOf">The mask of a block.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="cancellationToken">Looked at between layers.</param>
    /// <returns>The final norm's output, [T, DModel].</returns>
    public static Tensor Forward(
        ModelCore model, Tensor residual, float dropout, Func<int, DropoutKey> keyOf, PassContext pass, CancellationToken cancellationToken)
    {
        Tensor? hidden = null;
        for (int k = 0; k < model.Config.NumLayers; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            MambaBlock block = model.Network.Backbone.Layers[k];
            (Tensor normed, residual) = AddNormFunction.Apply(hidden, residual, block.Norm, pass, givesSum: true);
            hidden?.Dispose();
            hidden = pass.Chunks is null ? MixerFunction.Apply(normed, block.Mixer, pass) : ChunkedMixerFunction.Apply(normed, block.Mixer, model.Config, pass);
            normed.Dispose();
            if (dropout > 0)
            {
                Tensor undropped = hidden;
                hidden = DropoutFunction.Apply(undropped, dropout, keyOf(DropoutSite.Block(k)), pass);
                undropped.Dispose();
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return AddNormFunction.Apply(hidden, residual, model.Network.Backbone.FinalNorm, pass, givesSum: false).Normed;
    }
}

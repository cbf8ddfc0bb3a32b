using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>What all functions of one pass read.</summary>
/// <param name="Kernels">The fused kernels of the device.</param>
/// <param name="Rows">The packed sequences.</param>
/// <param name="Tape">What the pass keeps for its backward pass.</param>
/// <param name="WithParameters">
/// Whether the functions add the gradients of their parameters to the parameters' own buffers. They do so themselves, in place and without a copy, so parameters
/// are no inputs in torch's sense; where only gradients of the input are wanted, none is computed.
/// </param>
internal sealed record PassContext(FusedKernels Kernels, PackedRows Rows, BackwardTape Tape, bool WithParameters)
{
    /// <summary>How sequences are cut where gradients stop at the borders of chunks; or null.</summary>
    public ChunkPlan? Chunks { get; init; }
}

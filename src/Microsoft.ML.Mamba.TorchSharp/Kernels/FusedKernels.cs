using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Kernels;

/// <summary>
/// The operators that torch has none of, over tensors of one device. Every tensor's elements are reached by pointer; a matrix may be columns of a wider one,
/// everything else is contiguous. Thread-safe.
/// </summary>
internal abstract class FusedKernels
{
    /// <summary>Element type of per-token tensors: the engine's precision.</summary>
    public abstract ScalarType ElementType { get; }

    /// <summary>Whether a backward pass computes a block's largest matrix product again rather than keep it: in 16 bits that costs little.</summary>
    public virtual bool RecomputesProducts => ElementType != ScalarType.Float32;

    /// <summary>y = [tokens, channels]; finalInputs = as the initial ones, whose memory it may be, or null.</summary>
    public abstract void ConvForward(in ConvInputs inputs, Tensor y, Tensor? finalInputs);

    /// <summary>gradX = or += [tokens, channels], may be columns of a wider matrix; gradWeight and gradBias +=.</summary>
    public abstract void ConvBackward(in ConvInputs inputs, Tensor gradY, Tensor gradX, bool accumulateX, Tensor gradWeight, Tensor? gradBias);

    /// <summary>What the scan's backward pass needs of the forward pass, of undefined content.</summary>
    public abstract Tensor NewBorderStates(in ScanInputs inputs);

    /// <summary>y = or += [tokens, channels]; finalState = as the initial one, whose memory it may be, or null; borders = or null.</summary>
    public abstract void ScanForward(in ScanInputs inputs, Tensor y, bool accumulateY, Tensor? finalState, Tensor? borders);

    /// <summary>Propagates back through the forward pass with the same inputs and the border states that it wrote.</summary>
    public abstract void ScanBackward(in ScanInputs inputs, Tensor borders, in ScanGradients gradients);

    /// <summary>y = in the engine's precision; sum = float32, or null; it may be the residual's memory. inverseRms = [rows], float32, or null.</summary>
    public abstract void NormForward(in NormInputs inputs, Tensor y, Tensor? sum, Tensor? inverseRms);

    /// <summary>
    /// Back through the norm of <paramref name="inputs"/>, whose only operand is what was normalised. The result joins
    /// <paramref name="gradSum"/>, the gradient that reaches the sum past the norm.
    /// </summary>
    /// <param name="inputs">Either the sum as the residual, or x.</param>
    /// <param name="inverseRms">From the forward pass.</param>
    /// <param name="gradY">Incoming, in the engine's precision.</param>
    /// <param name="gradSum">Incoming, float32, or null for zero.</param>
    /// <param name="gradX">=, in the engine's precision, or null.</param>
    /// <param name="gradResidual">=, float32, or null.</param>
    /// <param name="gradWeight">+=, float32; needed with a weight.</param>
    public abstract void NormBackward(
        in NormInputs inputs, Tensor inverseRms, Tensor gradY, Tensor? gradSum, Tensor? gradX, Tensor? gradResidual, Tensor? gradWeight);

    /// <summary>
    /// pooled = [sequences, channels], float32, for every kind but attention; returns the tokens of the maxima, which the backward pass
    /// needs, or null.
    /// </summary>
    public abstract Tensor? PoolForward(PackedRows rows, MambaPooling kind, Tensor hidden, Tensor pooled);

    /// <summary>gradHidden = [tokens, channels], of hidden's type.</summary>
    public abstract void PoolBackward(PackedRows rows, MambaPooling kind, Tensor gradPooled, Tensor? argMax, Tensor gradHidden);

    /// <summary>y = x with elements zeroed with a probability and the others scaled up, as the CPU engine's <c>Dropout</c>; y may be x.</summary>
    public abstract void Dropout(Tensor x, Tensor y, float probability, DropoutKey key);

    /// <summary>Euclidean norm of a flat float32 tensor, accumulated in double so that no finite values overflow: a float64 scalar on the device.</summary>
    public abstract Tensor Norm(Tensor values);

    /// <summary>One step of AdamW over flat float32 tensors, as the CPU engine's; the parameters that decay come first.</summary>
    /// <param name="settings">The step's scalars.</param>
    /// <param name="tensors">What is read and updated.</param>
    public abstract void AdamW(in AdamWSettings settings, in AdamWTensors tensors);

    /// <summary>gradTable[ids[t]] += gradRows[t], in the order of the tokens or one that does not change from run to run; float32.</summary>
    public abstract void AddRows(Tensor gradTable, ReadOnlySpan<int> ids, Tensor gradRows);
}

namespace Microsoft.ML.Mamba.TorchSharp.Kernels;

/// <summary>Inputs of the causal convolution, <c>y_t = SiLU(bias + sum over j of weight[j] x_{t-k+1+j})</c>.</summary>
/// <param name="Rows">The packed sequences.</param>
/// <param name="X">[tokens, channels]; may be columns of a wider matrix.</param>
/// <param name="Weight">[channels, 1, k], float32.</param>
/// <param name="Bias">[channels], float32; or null.</param>
/// <param name="InitialInputs">Inputs read before, oldest first, [sequences, k - 1, channels], float32; or null where sequences begin.</param>
/// <param name="Reverse">Whether each sequence is read from its last token to its first.</param>
internal readonly record struct ConvInputs(PackedRows Rows, Tensor X, Tensor Weight, Tensor? Bias, Tensor? InitialInputs, bool Reverse);

/// <summary>Inputs of the selective scan; see the CPU engine's <c>SelectiveScan</c> for the recurrence.</summary>
/// <param name="Rows">The packed sequences.</param>
/// <param name="X">[tokens, channels].</param>
/// <param name="Dt">[tokens, channels], before bias and softplus.</param>
/// <param name="DtBias">[channels], float32.</param>
/// <param name="A">[channels, state], float32.</param>
/// <param name="B">[tokens, state]; may be columns of a wider matrix, as C and Z.</param>
/// <param name="C">[tokens, state].</param>
/// <param name="D">[channels], float32.</param>
/// <param name="Z">The gate, [tokens, channels].</param>
/// <param name="InitialState">[sequences, channels, state], float32; or null for zero.</param>
/// <param name="Reverse">Whether each sequence is read from its last token to its first.</param>
internal readonly record struct ScanInputs(
    PackedRows Rows, Tensor X, Tensor Dt, Tensor DtBias, Tensor A, Tensor B, Tensor C, Tensor D, Tensor Z, Tensor? InitialState, bool Reverse);

/// <summary>
/// Gradients of the selective scan. Those of per-token tensors are overwritten, that of the gate added to where it says so; those of
/// parameters are added to.
/// </summary>
/// <param name="GradY">Incoming, [tokens, channels].</param>
/// <param name="GradX">[tokens, channels].</param>
/// <param name="GradDt">[tokens, channels].</param>
/// <param name="GradB">[tokens, state]; may be columns of a wider matrix, as GradC and GradZ.</param>
/// <param name="GradC">[tokens, state].</param>
/// <param name="GradZ">[tokens, channels].</param>
/// <param name="AccumulateZ">Whether the gate's gradient is added to what is there.</param>
/// <param name="GradA">+= [channels, state], float32.</param>
/// <param name="GradD">+= [channels], float32.</param>
/// <param name="GradDtBias">+= [channels], float32.</param>
internal readonly record struct ScanGradients(
    Tensor GradY, Tensor GradX, Tensor GradDt, Tensor GradB, Tensor GradC, Tensor GradZ, bool AccumulateZ, Tensor GradA, Tensor GradD, Tensor GradDtBias);

/// <summary>Flat tensors of an optimizer step, float32 but for the last.</summary>
/// <param name="Parameters">Updated.</param>
/// <param name="Gradients">Read.</param>
/// <param name="First">The first moment, updated.</param>
/// <param name="Second">The second moment, updated.</param>
/// <param name="Decaying">How many parameters decay.</param>
/// <param name="Reduced">= the decaying parameters in the engine's precision, or null.</param>
internal readonly record struct AdamWTensors(Tensor Parameters, Tensor Gradients, Tensor First, Tensor Second, long Decaying, Tensor? Reduced);

/// <summary>Inputs of the norm of a sum, <c>s = x + residual; y = s r weight; r = 1 / sqrt(mean of s^2 + epsilon)</c>.</summary>
/// <param name="X">[rows, channels], in the engine's precision; null where there is only a residual.</param>
/// <param name="Residual">[rows, channels], float32; null where there is only x. One of the two may be columns of a wider matrix.</param>
/// <param name="Weight">[channels], float32; or null for one.</param>
/// <param name="Epsilon">Positive.</param>
internal readonly record struct NormInputs(Tensor? X, Tensor? Residual, Tensor? Weight, float Epsilon);

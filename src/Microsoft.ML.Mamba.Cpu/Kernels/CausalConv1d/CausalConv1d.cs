namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The causal depthwise convolution before the scan (Gu and Dao 2023, section 3.4), for every channel:
/// <code>
/// y_t = SiLU(bias + sum over j = 0 .. k-1 of weight[j] x_{t-k+1+j})
/// </code>
/// Shapes stand at <see cref="CausalConv1dArguments"/>, what is overwritten and what accumulated at <see cref="CausalConv1dOutputs"/> and
/// <see cref="CausalConv1dGradients"/>. Everything is accumulated in float32. No output may overlap an input, save the final
/// inputs the initial ones. Calls share nothing and may run at the same time; the result does not depend on the number of threads.
/// </summary>
internal static partial class CausalConv1d
{
    /// <summary>Largest kernel size.</summary>
    public const int MaxKernelSize = 64;

    /// <summary>Floats of the forward pass's workspace; its contents need no preparation.</summary>
    public static int ForwardWorkspaceSize(int tokens, int sequences, int channels, int kernelSize)
    {
        return ForwardWorkspace(new PackedSplit(tokens, sequences, channels, 1), kernelSize);
    }

    /// <summary>Floats of the backward pass's workspace; its contents need no preparation.</summary>
    public static int BackwardWorkspaceSize(int tokens, int sequences, int channels, int kernelSize)
    {
        return BackwardWorkspace(new PackedSplit(tokens, sequences, channels, 1), kernelSize);
    }

    /// <summary>Reads every sequence and writes outputs, and final inputs where they are wanted.</summary>
    public static void Forward(
        in CausalConv1dArguments arguments, in CausalConv1dOutputs outputs, Span<float> workspace, CpuParallel parallel)
    {
        Forward(arguments, outputs, workspace, parallel, SimdWidth.Bits);
    }

    /// <summary>As above, with vectors of 512, 256 or 128 bits, or scalar code (32), as a test asks.</summary>
    internal static unsafe void Forward(
        in CausalConv1dArguments arguments, in CausalConv1dOutputs outputs, Span<float> workspace, CpuParallel parallel, int bits)
    {
        ConvPlan plan = Validate(arguments);
        ConvOutputPlan output = Validate(plan, outputs, workspace);
        fixed (int* offsets = arguments.Offsets)
        fixed (float* x = arguments.X, weight = arguments.Weight, bias = arguments.Bias, initial = arguments.InitialInputs)
        fixed (float* y = outputs.Y, final = outputs.FinalInputs, scratch = workspace)
        {
            plan.Offsets = offsets;
            plan.X = x;
            plan.Weight = weight;
            plan.Bias = bias;
            plan.InitialInputs = initial;
            output.Y = y;
            output.FinalInputs = final;
            RunForward(plan, output, scratch, parallel, bits);
        }
    }

    /// <summary>Propagates gradients back through the forward pass with the same arguments.</summary>
    public static void Backward(
        in CausalConv1dArguments arguments, in CausalConv1dGradients gradients, Span<float> workspace, CpuParallel parallel)
    {
        Backward(arguments, gradients, workspace, parallel, SimdWidth.Bits);
    }

    /// <summary>As above, with vectors of 512, 256 or 128 bits, or scalar code (32), as a test asks.</summary>
    internal static unsafe void Backward(
        in CausalConv1dArguments arguments, in CausalConv1dGradients gradients, Span<float> workspace, CpuParallel parallel, int bits)
    {
        ConvPlan plan = Validate(arguments);
        ConvGradientPlan gradient = Validate(plan, gradients, workspace);
        fixed (int* offsets = arguments.Offsets)
        fixed (float* x = arguments.X, weight = arguments.Weight, bias = arguments.Bias, initial = arguments.InitialInputs)
        fixed (float* gradY = gradients.GradY, gradX = gradients.GradX, gradWeight = gradients.GradWeight, gradBias = gradients.GradBias, scratch = workspace)
        {
            plan.Offsets = offsets;
            plan.X = x;
            plan.Weight = weight;
            plan.Bias = bias;
            plan.InitialInputs = initial;
            gradient.GradY = gradY;
            gradient.GradX = gradX;
            gradient.GradWeight = gradWeight;
            gradient.GradBias = gradBias;
            RunBackward(plan, gradient, scratch, parallel, bits);
        }
    }
}

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The selective scan of Mamba (Gu and Dao 2023, eq. 2a and 2b; zero-order hold for A, Euler's rule for B), for every channel c:
/// <code>
/// delta_t = softplus(dt_t + dtBias)
/// h_t[n]  = exp(delta_t A[n]) h_{t-1}[n] + delta_t B_t[n] x_t
/// y_t     = (sum over n of C_t[n] h_t[n] + D x_t) * SiLU(z_t)
/// </code>
/// Shapes stand at <see cref="SelectiveScanArguments"/>, what is overwritten and what accumulated at <see cref="SelectiveScanOutputs"/> and
/// <see cref="SelectiveScanGradients"/>. Everything is accumulated in float32. No output may overlap an input, save the final
/// state the initial one. Calls share nothing and may run at the same time; the result does not depend on the number of threads.
/// </summary>
internal static partial class SelectiveScan
{
    /// <summary>Largest state size.</summary>
    public const int MaxStateSize = 256;

    /// <summary>Floats of <see cref="SelectiveScanOutputs.BorderStates"/>.</summary>
    public static int BorderStateSize(int tokens, int channels, int stateSize, int groups)
    {
        var split = new PackedSplit(tokens, 1, channels, groups);
        return checked(split.Borders * split.PaddedChannels * PackedSplit.PadState(stateSize));
    }

    /// <summary>Floats of the forward pass's workspace; its contents need no preparation.</summary>
    public static int ForwardWorkspaceSize(int tokens, int sequences, int channels, int stateSize, int groups)
    {
        var split = new PackedSplit(tokens, sequences, channels, groups);
        return ForwardWorkspace(split, stateSize);
    }

    /// <summary>Floats of the backward pass's workspace; its contents need no preparation.</summary>
    public static int BackwardWorkspaceSize(int tokens, int sequences, int channels, int stateSize, int groups)
    {
        var split = new PackedSplit(tokens, sequences, channels, groups);
        return BackwardWorkspace(split, tokens, stateSize);
    }

    /// <summary>Reads every sequence and writes outputs, and final and border states where they are wanted.</summary>
    public static void Forward(
        in SelectiveScanArguments arguments, in SelectiveScanOutputs outputs, Span<float> workspace, CpuParallel parallel)
    {
        Forward(arguments, outputs, workspace, parallel, SimdWidth.Bits);
    }

    /// <summary>As above, with vectors of 512, 256 or 128 bits, or scalar code (32), as a test asks.</summary>
    internal static unsafe void Forward(
        in SelectiveScanArguments arguments, in SelectiveScanOutputs outputs, Span<float> workspace, CpuParallel parallel, int bits)
    {
        ScanPlan plan = Validate(arguments);
        ScanOutputPlan output = Validate(plan, outputs, workspace);
        fixed (int* offsets = arguments.Offsets)
        fixed (float* x = arguments.X, dt = arguments.Dt, dtBias = arguments.DtBias, a = arguments.A, b = arguments.B, c = arguments.C)
        fixed (float* d = arguments.D, z = arguments.Z, initial = arguments.InitialState)
        fixed (float* y = outputs.Y, final = outputs.FinalState, borders = outputs.BorderStates, scratch = workspace)
        {
            plan.Offsets = offsets;
            plan.X = x;
            plan.Dt = dt;
            plan.DtBias = dtBias;
            plan.A = a;
            plan.B = b;
            plan.C = c;
            plan.D = d;
            plan.Z = z;
            plan.InitialState = initial;
            output.Y = y;
            output.FinalState = final;
            output.BorderStates = borders;
            RunForward(plan, output, scratch, parallel, bits);
        }
    }

    /// <summary>Propagates gradients back through the forward pass with the same arguments and the border states that it wrote.</summary>
    public static void Backward(
        in SelectiveScanArguments arguments, ReadOnlySpan<float> borderStates, in SelectiveScanGradients gradients, Span<float> workspace, CpuParallel parallel)
    {
        Backward(arguments, borderStates, gradients, workspace, parallel, SimdWidth.Bits);
    }

    /// <summary>As above, with vectors of 512, 256 or 128 bits, or scalar code (32), as a test asks.</summary>
    internal static unsafe void Backward(
        in SelectiveScanArguments arguments,
        ReadOnlySpan<float> borderStates,
        in SelectiveScanGradients gradients,
        Span<float> workspace,
        CpuParallel parallel,
        int bits)
    {
        ScanPlan plan = Validate(arguments);
        ScanGradientPlan gradient = Validate(plan, borderStates, gradients, workspace);
        fixed (int* offsets = arguments.Offsets)
        fixed (float* x = arguments.X, dt = arguments.Dt, dtBias = arguments.DtBias, a = arguments.A, b = arguments.B, c = arguments.C)
        fixed (float* d = arguments.D, z = arguments.Z, initial = arguments.InitialState)
        fixed (float* gradY = gradients.GradY, gradFinal = gradients.GradFinalState, borders = borderStates, scratch = workspace)
        fixed (float* gradX = gradients.GradX, gradDt = gradients.GradDt, gradB = gradients.GradB, gradC = gradients.GradC, gradZ = gradients.GradZ)
        fixed (float* gradA = gradients.GradA, gradD = gradients.GradD, gradBias = gradients.GradDtBias, gradInitial = gradients.GradInitialState)
        {
            plan.Offsets = offsets;
            plan.X = x;
            plan.Dt = dt;
            plan.DtBias = dtBias;
            plan.A = a;
            plan.B = b;
            plan.C = c;
            plan.D = d;
            plan.Z = z;
            plan.InitialState = initial;
            gradient.GradY = gradY;
            gradient.GradFinalState = gradFinal;
            gradient.BorderStates = borders;
            gradient.GradX = gradX;
            gradient.GradDt = gradDt;
            gradient.GradB = gradB;
            gradient.GradC = gradC;
            gradient.GradZ = gradZ;
            gradient.GradA = gradA;
            gradient.GradD = gradD;
            gradient.GradDtBias = gradBias;
            gradient.GradInitialState = gradInitial;
            RunBackward(plan, gradient, scratch, parallel, bits);
        }
    }
}

using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>
/// One direction of a mixer (Gu and Dao, section 3.4): <c>u = SiLU(conv1d(x))</c>, <c>[dt, B, C] = x_proj(u)</c> (normalised in Falcon-Mamba),
/// <c>y = S6(u; A, dt_proj(dt), B, C, D) * SiLU(z)</c>.
/// </summary>
internal sealed class MixerDirection(MambaConfig config, ParameterStore store, FusedKernels kernels, string prefix, string suffix)
{
    private readonly Tensor _a = store.StateMatrix(store[prefix + ALogName(suffix)]);

    public Convolution Conv { get; } = new(store, $"{prefix}conv1d{suffix}");

    public Linear XProj { get; } = new(store, $"{prefix}x_proj{suffix}");

    public Linear DtProj { get; } = new(store, $"{prefix}dt_proj{suffix}", hasBias: false);

    public ParameterSlot ALog { get; } = store[prefix + ALogName(suffix)];

    public ParameterSlot D { get; } = store[$"{prefix}D{suffix}"];

    public static string ALogName(string suffix) => suffix.Length == 0 ? "A_log" : "A_b_log";

    /// <param name="rows">The packed sequences.</param>
    /// <param name="xz">x in the first half of each row, the gate z in the second, [T, 2 DInner].</param>
    /// <param name="y">[T, DInner]; overwritten, or added to.</param>
    /// <param name="accumulate">Whether the result is added.</param>
    /// <param name="state">In and out, for sequences that go on; or null.</param>
    /// <param name="tape">Whether a backward pass follows; then what it needs comes back.</param>
    /// <param name="reverse">Whether this is the reversed direction.</param>
    public DirectionTape? Forward(PackedRows rows, Tensor xz, Tensor y, bool accumulate, DirectionState? state, bool tape, bool reverse)
    {
        Tensor u = Convolve(rows, xz, state, state?.ConvInputs, reverse), rawDtBC = XProj.Forward(u);
        DtBCColumns columns = DtBCColumns.Of(config, kernels, rawDtBC, keepsInverseRms: false, out _);
        ScanInputs inputs = Inputs(rows, xz, u, DtProj.Forward(columns.Dt), columns, state?.ScanStates, reverse);
        Tensor? borders = tape ? kernels.NewBorderStates(inputs) : null;
        kernels.ScanForward(inputs, y, accumulate, state?.ScanStates, borders);
        return tape ? new DirectionTape(rawDtBC, borders!) : null;
    }

    /// <summary>
    /// Saved: <paramref name="xz"/> and <paramref name="tape"/>. Recomputed: u, dt and the norms of dt, B and C; inside the kernels the
    /// convolution's sum and the states.
    /// </summary>
    /// <param name="rows">The packed sequences.</param>
    /// <param name="xz">As in the forward pass.</param>
    /// <param name="tape">What the forward pass gave.</param>
    /// <param name="gradY">dL/dy, [T, DInner].</param>
    /// <param name="gradXZ">Overwritten by the first direction, added to by the second, [T, 2 DInner].</param>
    /// <param name="accumulate">Whether this is the second direction.</param>
    /// <param name="sums">Where the parameters' gradients are added.</param>
    /// <param name="initial">What the sequences went on from, taken as constant; or null where they begin.</param>
    /// <param name="reverse">As in the forward pass.</param>
    public void Backward(
        PackedRows rows, Tensor xz, DirectionTape tape, Tensor gradY, Tensor gradXZ, bool accumulate, DirectionGradients sums, DirectionState? initial, bool reverse)
    {
        int inner = config.DInner;
        Tensor u = Convolve(rows, xz, initial, null, reverse);
        DtBCColumns columns = DtBCColumns.Of(config, kernels, tape.DtBC, keepsInverseRms: true, out Tensor? inverseRms);
        ScanInputs inputs = Inputs(rows, xz, u, DtProj.Forward(columns.Dt), columns, initial?.ScanStates, reverse);
        Tensor gradU = empty_like(u), gradDt = empty_like(u), gradDtBC = empty_like(tape.DtBC);
        var gradColumns = new DtBCColumns(config, gradDtBC);
        kernels.ScanBackward(inputs, tape.Borders, new ScanGradients(
            gradY, gradU, gradDt, gradColumns.B, gradColumns.C, gradXZ.narrow(1, inner, inner), accumulate, sums.A, sums.D, sums.DtBias));
        gradColumns.Dt.copy_(DtProj.BackwardInput(gradDt));
        if (sums.WithMatrices)
        {
            // A = -exp(ALog), so dA/dALog = A.
            ALog.Gradient!.addcmul_(sums.A, _a, 1);
            DtProj.AddParameterGradients(gradDt, columns.Dt);
        }

        DtBCColumns.Backward(config, kernels, tape.DtBC, inverseRms, gradDtBC);
        XProj.AddBackwardInput(gradDtBC, gradU);
        if (sums.WithMatrices)
            XProj.AddParameterGradients(gradDtBC, u);
        kernels.ConvBackward(
            new ConvInputs(rows, xz.narrow(1, 0, inner), Conv.Weight.Value, Conv.Bias?.Value, initial?.ConvInputs, reverse),
            gradU, gradXZ.narrow(1, 0, inner), accumulate, sums.ConvWeight, sums.ConvBias);
    }

    /// <summary>Where a backward pass adds the gradients of this direction's parameters, or scratch memory where nobody wants them.</summary>
    public DirectionGradients Gradients(bool wanted)
    {
        Tensor a = zeros_like(_a);
        return wanted
            ? new DirectionGradients(true, a, D.Gradient!, DtProj.Bias!.Gradient!, Conv.Weight.Gradient!, Conv.Bias?.Gradient)
            : new DirectionGradients(
                false, a, zeros_like(D.Value), zeros_like(DtProj.Bias!.Value), zeros_like(Conv.Weight.Value),
                Conv.Bias is null ? null : zeros_like(Conv.Bias.Value));
    }

    private Tensor Convolve(PackedRows rows, Tensor xz, DirectionState? initial, Tensor? final, bool reverse)
    {
        Tensor x = xz.narrow(1, 0, config.DInner), u = empty(rows.Tokens, config.DInner, dtype: xz.dtype, device: xz.device);
        kernels.ConvForward(new ConvInputs(rows, x, Conv.Weight.Value, Conv.Bias?.Value, initial?.ConvInputs, reverse), u, final);
        return u;
    }

    private ScanInputs Inputs(PackedRows rows, Tensor xz, Tensor u, Tensor dt, DtBCColumns columns, Tensor? state, bool reverse) => new(
        rows, u, dt, DtProj.Bias!.Value, _a, columns.B, columns.C, D.Value, xz.narrow(1, config.DInner, config.DInner), state, reverse);
}

/// <summary>What one direction of a mixer computes on the way and its backward pass needs again.</summary>
/// <param name="DtBC">Output of x_proj, before any norm, [T, DtRank + 2 DState].</param>
/// <param name="Borders">The scan's states at chunk borders.</param>
internal sealed record DirectionTape(Tensor DtBC, Tensor Borders)
{
    /// <summary>The same tensors under handles that a tape keeps.</summary>
    public DirectionTape Kept(Func<Tensor, Tensor> keep) => new(keep(DtBC), keep(Borders));

    /// <summary>Frees the tensors as soon as they are no longer needed.</summary>
    public void Free()
    {
        DtBC.Dispose();
        Borders.Dispose();
    }
}

/// <summary>What one direction carries from one piece of a sequence to the next; read and then overwritten.</summary>
/// <param name="ConvInputs">[sequences, DConv - 1, DInner], float32.</param>
/// <param name="ScanStates">[sequences, DInner, DState], float32.</param>
internal sealed record DirectionState(Tensor ConvInputs, Tensor ScanStates)
{
    /// <summary>The state of one sequence that begins.</summary>
    public static DirectionState Zero(MambaConfig config, Device device) => new(
        zeros(1, config.DConv - 1, config.DInner, dtype: ScalarType.Float32, device: device),
        zeros(1, config.DInner, config.DState, dtype: ScalarType.Float32, device: device));

    /// <summary>Sets the state back to a sequence's start.</summary>
    public void Clear()
    {
        ConvInputs.zero_();
        ScanStates.zero_();
    }

    public DirectionState Copied() => new(ConvInputs.clone(), ScanStates.clone());

    /// <summary>The same tensors under handles that a tape keeps.</summary>
    public DirectionState Kept(Func<Tensor, Tensor> keep) => new(keep(ConvInputs), keep(ScanStates));
}

/// <summary>Where the gradients of a direction's parameters are added; that of A is the caller's own, zero at first.</summary>
internal sealed record DirectionGradients(bool WithMatrices, Tensor A, Tensor D, Tensor DtBias, Tensor ConvWeight, Tensor? ConvBias);

using Microsoft.ML.Mamba.TorchSharp.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>A mixer: in_proj, one or two directions that are added, and out_proj. Each direction's scan applies the gate.</summary>
internal sealed class Mixer : NamedModule
{
    private readonly MambaConfig _config;
    private readonly Linear _inProj;
    private readonly Linear _outProj;
    private readonly MixerDirection _forward;
    private readonly MixerDirection? _reversed;

    public Mixer(MambaConfig config, ParameterStore store, FusedKernels kernels, string name) : base(name)
    {
        _config = config;
        string prefix = name + ".";
        _inProj = Register("in_proj", new Linear(store, prefix + "in_proj"));
        _forward = RegisterDirection(new MixerDirection(config, store, kernels, prefix, ""), "");
        _reversed = config.Direction switch
        {
            MambaDirection.BidirectionalTied => _forward,
            MambaDirection.BidirectionalSeparate => RegisterDirection(new MixerDirection(config, store, kernels, prefix, "_b"), "_b"),
            _ => null,
        };
        _outProj = Register("out_proj", new Linear(store, prefix + "out_proj"));
    }

    /// <summary>The whole mixer: <see cref="Mix"/> and out_proj.</summary>
    /// <returns>[T, DModel].</returns>
    public Tensor Forward(PackedRows rows, Tensor normed, MixerState state, bool withTape, out MixerTape? tape) =>
        _outProj.Forward(Mix(rows, normed, state, withTape, out tape));

    /// <param name="rows">The packed sequences.</param>
    /// <param name="normed">[T, DModel].</param>
    /// <param name="state">In and out, for sequences that go on.</param>
    /// <param name="withTape">Whether a backward pass follows.</param>
    /// <param name="tape">What it needs.</param>
    /// <returns>The gated sum of the directions, [T, DInner].</returns>
    public Tensor Mix(PackedRows rows, Tensor normed, MixerState state, bool withTape, out MixerTape? tape)
    {
        Tensor xz = _inProj.Forward(normed), y = empty(rows.Tokens, _config.DInner, dtype: xz.dtype, device: xz.device);
        DirectionTape? forward = _forward.Forward(rows, xz, y, accumulate: false, state.Forward, withTape, reverse: false);
        DirectionTape? reversed = _reversed?.Forward(rows, xz, y, accumulate: true, state.Reversed, withTape, reverse: true);
        tape = withTape ? new MixerTape(normed, xz, y, forward!, reversed) : null;
        return y;
    }

    /// <summary>Advances the state of the reversed direction alone over tokens that it reads from their end.</summary>
    public void CarryBackwards(PackedRows rows, Tensor normed, DirectionState state) =>
        MixReversed(rows, normed, empty(rows.Tokens, _config.DInner, dtype: normed.dtype, device: normed.device), state);

    /// <summary>The reversed direction alone over tokens that it reads from their end.</summary>
    /// <param name="rows">The packed sequences.</param>
    /// <param name="normed">[T, DModel].</param>
    /// <param name="y">= its gated output, [T, DInner].</param>
    /// <param name="state">In and out.</param>
    public void MixReversed(PackedRows rows, Tensor normed, Tensor y, DirectionState state) =>
        _reversed!.Forward(rows, _inProj.Forward(normed), y, accumulate: false, state, tape: false, reverse: true);

    /// <summary>What is left of a mixer after <see cref="MixReversed"/>: the forward direction, and out_proj of both.</summary>
    /// <param name="rows">The packed sequences.</param>
    /// <param name="normed">[T, DModel].</param>
    /// <param name="y">The reversed direction's output, [T, DInner]; the forward one's is added.</param>
    /// <param name="state">In and out.</param>
    /// <returns>[T, DModel].</returns>
    public Tensor CompleteForward(PackedRows rows, Tensor normed, Tensor y, DirectionState state)
    {
        _forward.Forward(rows, _inProj.Forward(normed), y, accumulate: true, state, tape: false, reverse: false);
        return _outProj.Forward(y);
    }

    /// <summary>Adds the parameters' gradients where they are wanted, and returns dL/dnormed.</summary>
    /// <param name="rows">The packed sequences.</param>
    /// <param name="tape">From the forward pass.</param>
    /// <param name="gradOutput">[T, DModel].</param>
    /// <param name="withParameters">Whether they are wanted.</param>
    /// <param name="initial">What the sequences went on from, taken as constant.</param>
    public Tensor Backward(PackedRows rows, MixerTape tape, Tensor gradOutput, bool withParameters, MixerState initial)
    {
        Tensor xz = tape.XZ ?? _inProj.Forward(tape.Normed), gradY = _outProj.BackwardInput(gradOutput), gradXZ = empty_like(xz);
        if (withParameters)
            _outProj.AddParameterGradients(gradOutput, tape.Y);
        _forward.Backward(rows, xz, tape.Forward, gradY, gradXZ, accumulate: false, _forward.Gradients(withParameters), initial.Forward, reverse: false);
        _reversed?.Backward(
            rows, xz, tape.Reversed!, gradY, gradXZ, accumulate: true, _reversed.Gradients(withParameters), initial.Reversed, reverse: true);
        if (withParameters)
            _inProj.AddParameterGradients(gradXZ, tape.Normed);
        return _inProj.BackwardInput(gradXZ);
    }

    private MixerDirection RegisterDirection(MixerDirection direction, string suffix)
    {
        Register("conv1d" + suffix, direction.Conv);
        Register("x_proj" + suffix, direction.XProj);
        Register("dt_proj" + suffix, direction.DtProj);
        Register(MixerDirection.ALogName(suffix), direction.ALog);
        Register("D" + suffix, direction.D);
        return direction;
    }
}

/// <summary>What the directions of a mixer carry from one piece of a sequence to the next; null where sequences begin.</summary>
/// <param name="Forward">Of the forward direction.</param>
/// <param name="Reversed">Of the reversed direction, which comes from the sequence's end.</param>
internal readonly record struct MixerState(DirectionState? Forward, DirectionState? Reversed)
{
    public MixerState Copied() => new(Forward?.Copied(), Reversed?.Copied());

    /// <summary>The same tensors under handles that a tape keeps.</summary>
    public MixerState Kept(Func<Tensor, Tensor> keep) => new(Forward?.Kept(keep), Reversed?.Kept(keep));
}

/// <summary>What a mixer's backward pass needs.</summary>
/// <param name="Normed">Its input, [T, DModel].</param>
/// <param name="XZ">Output of in_proj, [T, 2 DInner]; null where it is computed again.</param>
/// <param name="Y">The gated sum of the directions, [T, DInner].</param>
/// <param name="Forward">Of the forward direction.</param>
/// <param name="Reversed">Of the reversed direction, or null.</param>
internal sealed record MixerTape(Tensor Normed, Tensor? XZ, Tensor Y, DirectionTape Forward, DirectionTape? Reversed)
{
    /// <summary>The same tensors under handles that a tape keeps.</summary>
    /// <param name="keep">Gives such a handle.</param>
    /// <param name="withXZ">Whether in_proj's output is kept, which is a third of it all, or computed again.</param>
    public MixerTape Kept(Func<Tensor, Tensor> keep, bool withXZ) =>
        new(keep(Normed), withXZ ? keep(XZ!) : null, keep(Y), Forward.Kept(keep), Reversed?.Kept(keep));

    /// <summary>Frees the tensors as soon as they are no longer needed.</summary>
    public void Free()
    {
        Normed.Dispose();
        XZ?.Dispose();
        Y.Dispose();
        Forward.Free();
        Reversed?.Free();
    }
}

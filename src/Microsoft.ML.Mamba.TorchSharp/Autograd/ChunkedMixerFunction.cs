using Microsoft.ML.Mamba.TorchSharp.Modules;

namespace Microsoft.ML.Mamba.TorchSharp.Autograd;

/// <summary>
/// A mixer that runs chunk by chunk. Stretches of a sequence carry the state of each direction on; what it was before each stretch is kept
/// for the backward pass, which recomputes a chunk from it and takes it as constant. Only the input and these states are kept: a chunk's
/// activations live while it is worked on.
/// </summary>
internal sealed class ChunkedMixerFunction : autograd.SingleTensorFunction<ChunkedMixerFunction>
{
    private const string Key = "call";

    public override string Name => nameof(ChunkedMixerFunction);

    /// <param name="normed">[T, DModel].</param>
    /// <param name="mixer">The mixer.</param>
    /// <param name="config">The model's configuration.</param>
    /// <param name="pass">The pass, with chunks.</param>
    public static Tensor Apply(Tensor normed, Mixer mixer, MambaConfig config, PassContext pass) => FunctionScope.Run(() => apply(normed, mixer, config, pass));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (normed, mixer, config, pass) = ((Tensor)vars[0], (Mixer)vars[1], (MambaConfig)vars[2], (PassContext)vars[3]);
        ctx.set_materialize_grads(false);
        IReadOnlyList<ChunkPlan.Chunk> chunks = pass.Chunks!.Chunks;
        var states = new MixerState[chunks.Count];
        if (config.IsBidirectional)
            CarryBackwards(normed, mixer, config, pass, states);
        Tensor output = empty_like(normed);
        DirectionState carried = DirectionState.Zero(config, normed.device);
        for (int i = 0; i < chunks.Count; i++)
        {
            pass.Tape.ThrowIfCancelled();
            using DisposeScope scope = NewDisposeScope();
            MixerState state = default;
            if (chunks[i].Piece.IsStretch)
            {
                if (chunks[i].Piece.Begins)
                    carried.Clear();
                states[i] = states[i] with { Forward = carried.Copied().Kept(pass.Tape.Keep) };
                state = new MixerState(carried, states[i].Reversed?.Copied());
            }

            chunks[i].Of(output).copy_(mixer.Forward(chunks[i].Rows, chunks[i].Of(normed), state, withTape: false, out _));
        }

        ctx.save_data(Key, new Call(mixer, pass, pass.Tape.Keep(normed), states));
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var call = (Call)ctx.get_data(Key);
        return call.Pass.Tape.Run(4, [grad_output], gradients => [Backward(call, gradients[0]!)])!;
    }

    private static Tensor Backward(Call call, Tensor gradOutput)
    {
        Tensor gradNormed = empty_like(call.Normed);
        IReadOnlyList<ChunkPlan.Chunk> chunks = call.Pass.Chunks!.Chunks;
        for (int i = 0; i < chunks.Count; i++)
        {
            call.Pass.Tape.ThrowIfCancelled();
            using DisposeScope scope = NewDisposeScope();
            call.Mixer.Mix(chunks[i].Rows, chunks[i].Of(call.Normed), call.States[i].Copied(), withTape: true, out MixerTape? tape);
            Tensor gradient = call.Mixer.Backward(chunks[i].Rows, tape!, chunks[i].Of(gradOutput), call.Pass.WithParameters, call.States[i]);
            chunks[i].Of(gradNormed).copy_(gradient);
        }

        call.Normed.Dispose();
        return gradNormed;
    }

    /// <summary>Runs the reversed direction alone through each sequence that is cut, from its end, and keeps its state before each stretch.</summary>
    private static void CarryBackwards(Tensor normed, Mixer mixer, MambaConfig config, PassContext pass, MixerState[] states)
    {
        IReadOnlyList<ChunkPlan.Chunk> chunks = pass.Chunks!.Chunks;
        DirectionState carried = DirectionState.Zero(config, normed.device);
        for (int i = chunks.Count - 1; i >= 0; i--)
        {
            if (!chunks[i].Piece.IsStretch)
                continue;
            pass.Tape.ThrowIfCancelled();
            using DisposeScope scope = NewDisposeScope();
            if (chunks[i].Piece.Ends)
                carried.Clear();
            states[i] = new MixerState(null, carried.Copied().Kept(pass.Tape.Keep));
            if (!chunks[i].Piece.Begins)
                mixer.CarryBackwards(chunks[i].Rows, chunks[i].Of(normed), carried);
        }
    }

    private sealed record Call(Mixer Mixer, PassContext Pass, Tensor Normed, MixerState[] States);
}

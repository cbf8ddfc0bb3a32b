using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>How much some streams have read, and what pooling has gathered of it.</summary>
internal readonly struct PoolingState
{
    private readonly NativeBuffer<double> _gathered;

    public PoolingState(NativeArena arena, MambaConfig config, int sequences)
        : this(
            arena.Allocate<long>(sequences),
            arena.Allocate<double>(
                config.Head == MambaHead.Classification ? checked(sequences * StreamingPooling.StateSize(config.Pooling, config.DModel)) : 0))
    {
    }

    private PoolingState(NativeBuffer<long> positions, NativeBuffer<double> gathered)
    {
        Positions = positions;
        _gathered = gathered;
    }

    /// <summary>Tokens read, [sequences].</summary>
    public NativeBuffer<long> Positions { get; }

    public PoolingState Slice(int first, int count)
    {
        int width = WidthOf();
        return new PoolingState(Positions.Slice(first, count), _gathered.Slice(first * width, count * width));
    }

    public void Clear(MambaPooling kind)
    {
        Positions.Span.Clear();
        for (int i = 0; i < Positions.Length && !_gathered.IsEmpty; i++)
            StreamingPooling.Reset(kind, Of(i));
    }

    public void CopyTo(PoolingState other)
    {
        Positions.Span.CopyTo(other.Positions);
        _gathered.Span.CopyTo(other._gathered);
    }

    /// <summary>Takes in normalised hidden states [T, DModel] of all the streams and advances their positions.</summary>
    public unsafe void Read(in LayerContext context, ReadOnlySpan<float> query, ReadOnlySpan<float> hidden)
    {
        fixed (float* pQuery = query, pHidden = hidden)
        fixed (int* offsets = context.Offsets)
        {
            var job = new ReadJob(this, context.Config, pQuery, query.Length, pHidden, offsets);
            context.Parallel.For(Positions.Length, ref job);
        }
    }

    /// <summary>Writes the vector that each stream is pooled to so far, [sequences, DModel].</summary>
    public void Write(MambaConfig config, Span<float> pooled)
    {
        for (int i = 0; i < Positions.Length; i++)
            StreamingPooling.Finish(config.Pooling, Of(i), Positions.Span[i], pooled.Slice(i * config.DModel, config.DModel));
    }

    private int WidthOf() => _gathered.Length / Positions.Length;

    private Span<double> Of(int stream) => _gathered.Slice(stream * WidthOf(), WidthOf());

    private readonly unsafe struct ReadJob(PoolingState state, MambaConfig config, float* query, int queryLength, float* hidden, int* offsets) : IParallelJob
    {
        public void Run(int index)
        {
            int tokens = offsets[index + 1] - offsets[index], width = config.DModel;
            if (!state._gathered.IsEmpty)
            {
                var rows = new ReadOnlySpan<float>(hidden + (nint)offsets[index] * width, tokens * width);
                StreamingPooling.Update(
                    config.Pooling, width, tokens, rows, width, new ReadOnlySpan<float>(query, queryLength), state.Positions.Span[index], state.Of(index));
            }

            state.Positions.Span[index] += tokens;
        }
    }
}

namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>How much some streams have read, and what pooling has gathered of it, in double so that means stay exact over millions of tokens.</summary>
internal sealed class PoolingMemory : IDisposable
{
    private readonly MambaConfig _config;
    private readonly Tensor? _gathered;
    private readonly Tensor? _weight;
    private readonly Tensor? _largest;
    private readonly long[] _positions;

    public PoolingMemory(MambaConfig config, int sequences, Device device)
    {
        _config = config;
        _positions = new long[sequences];
        if (config.Head != MambaHead.Classification)
            return;
        _gathered = New(config.DModel);
        if (config.Pooling == MambaPooling.Attention)
            (_weight, _largest) = (New(1), New(1));
        Clear();

        Tensor New(long width) => empty(sequences, width, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
    }

    /// <summary>Tokens read, [sequences].</summary>
    public ReadOnlySpan<long> Positions => _positions;

    public void Clear()
    {
        Array.Clear(_positions);
        _gathered?.fill_(_config.Pooling == MambaPooling.Max ? double.NegativeInfinity : 0);
        _weight?.zero_();
        _largest?.fill_(double.NegativeInfinity);
    }

    public void CopyTo(PoolingMemory other)
    {
        _positions.CopyTo(other._positions, 0);
        foreach ((Tensor? from, Tensor? to) in new[] { (_gathered, other._gathered), (_weight, other._weight), (_largest, other._largest) })
        {
            if (from is not null)
                to!.copy_(from);
        }
    }

    /// <summary>Advances some streams, which have read the tokens between these offsets.</summary>
    public void Advance(int first, ReadOnlySpan<int> offsets)
    {
        for (int i = 0; i < offsets.Length - 1; i++)
            _positions[first + i] += offsets[i + 1] - offsets[i];
    }

    /// <summary>Takes in what some streams' new tokens were pooled to; before <see cref="Advance"/>.</summary>
    /// <param name="first">The first stream.</param>
    /// <param name="offsets">Where the new tokens of each begin and end.</param>
    /// <param name="pooled">[streams, DModel].</param>
    public void Read(int first, ReadOnlySpan<int> offsets, Tensor pooled)
    {
        int count = offsets.Length - 1;
        Tensor gathered = _gathered!.narrow(0, first, count), values = pooled.to(ScalarType.Float64);
        switch (_config.Pooling)
        {
            case MambaPooling.Mean:
                gathered.add_(values * Lengths(offsets));
                break;
            case MambaPooling.Max:
                gathered.copy_(maximum(gathered, values));
                break;
            case MambaPooling.Last:
                gathered.copy_(values);
                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    if (_positions[first + i] == 0)
                        gathered[i].copy_(values[i]);
                }

                break;
        }
    }

    /// <summary>Takes in attention: what has been gathered is scaled to the larger of the two largest scores, and so is what is new.</summary>
    public void Read(int first, ReadOnlySpan<int> offsets, in AttentionPooling attention)
    {
        int count = offsets.Length - 1;
        Tensor gathered = _gathered!.narrow(0, first, count), weight = _weight!.narrow(0, first, count), largest = _largest!.narrow(0, first, count);
        Tensor top = maximum(largest, attention.Largest.to(ScalarType.Float64)), before = (largest - top).exp();
        Tensor now = (attention.Largest.to(ScalarType.Float64) - top).exp() * Lengths(offsets);
        gathered.mul_(before).add_(attention.Weighted.to(ScalarType.Float64) * now);
        weight.mul_(before).add_(attention.Weight.to(ScalarType.Float64) * now);
        largest.copy_(top);
    }

    /// <summary>The vectors that some streams are pooled to so far, [streams, DModel], float32.</summary>
    public Tensor Write(int first, int count)
    {
        Tensor gathered = _gathered!.narrow(0, first, count);
        Tensor pooled = _config.Pooling switch
        {
            MambaPooling.Mean => gathered / Column([.. _positions.Skip(first).Take(count).Select(position => (double)position)]),
            MambaPooling.Attention => gathered / _weight!.narrow(0, first, count),
            _ => gathered,
        };
        return pooled.to(ScalarType.Float32);
    }

    public void Dispose()
    {
        _gathered?.Dispose();
        _weight?.Dispose();
        _largest?.Dispose();
    }

    private Tensor Lengths(ReadOnlySpan<int> offsets)
    {
        var lengths = new double[offsets.Length - 1];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = offsets[i + 1] - offsets[i];
        return Column(lengths);
    }

    private Tensor Column(double[] values) => DeviceData.Doubles(values, _gathered!.device).unsqueeze(1);
}

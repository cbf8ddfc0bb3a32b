namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// One tile of neighbouring channels. Its own rows are TileChannels wide; lanes beyond the last channel are zero in weights and inputs, so
/// they add nothing.
/// </summary>
internal readonly unsafe struct ConvTile
{
    /// <summary>
    /// Steps of a sequence that all vectors of a tile take before any goes on: neighbouring vectors find each other's memory pages at hand.
    /// </summary>
    public const int PieceSteps = 64;

    private readonly ConvPlan _plan;

    public ConvTile(in ConvPlan plan, int tile)
    {
        _plan = plan;
        FirstChannel = plan.Split.FirstChannel(tile);
        Channels = plan.Split.ChannelsOfTile(tile);
    }

    public int FirstChannel { get; }

    public int Channels { get; }

    /// <summary>Weights and bias as rows: [k][TileChannels], then [TileChannels].</summary>
    public void LoadWeights(float* to)
    {
        int k = _plan.KernelSize;
        new Span<float>(to, (k + 1) * PackedSplit.TileChannels).Clear();
        for (int c = 0; c < Channels; c++)
        {
            nint channel = FirstChannel + c;
            for (int j = 0; j < k; j++)
                to[(j * PackedSplit.TileChannels) + c] = _plan.Weight[(channel * k) + j];
            if (_plan.Bias != null)
                to[(k * PackedSplit.TileChannels) + c] = _plan.Bias[channel];
        }
    }

    /// <summary>The row of inputs that a sequence's step reads; a negative step reaches into the initial inputs, or into <paramref name="zeros"/>.</summary>
    public float* InputRow(int sequence, int step, float* zeros)
    {
        if (step >= 0)
            return _plan.X + (_plan.TokenAt(sequence, step) * _plan.XStride) + FirstChannel;
        return _plan.InitialInputs == null ? zeros : StateRow(_plan.InitialInputs, sequence, _plan.KernelSize - 1 + step);
    }

    /// <summary>Row j of a sequence's [k - 1, channels].</summary>
    public float* StateRow(float* inputs, int sequence, int j)
    {
        return inputs + ((((nint)sequence * (_plan.KernelSize - 1)) + j) * _plan.Channels) + FirstChannel;
    }
}

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>What one backward job keeps; rows are TileChannels wide.</summary>
internal readonly unsafe struct ConvJobBuffers(float* workspace, int job, int kernelSize)
{
    private readonly float* _memory = workspace + ((nint)job * Floats(kernelSize));
    private readonly int _kernel = kernelSize * PackedSplit.TileChannels;

    public static int Floats(int kernelSize) => ((3 * kernelSize) + 2) * PackedSplit.TileChannels;

    /// <summary>[k] rows.</summary>
    public float* Weights => _memory;

    public float* Bias => _memory + _kernel;

    /// <summary>Gradients before SiLU of the outputs that follow a piece, the next one first, [k] rows of which k - 1 are used.</summary>
    public float* Rows => Bias + PackedSplit.TileChannels;

    /// <summary>[k] rows.</summary>
    public float* GradWeight => Rows + _kernel;

    public float* GradBias => GradWeight + _kernel;

    /// <summary>Nothing follows a sequence's last token.</summary>
    public void ClearRows() => new Span<float>(Rows, _kernel).Clear();

    /// <summary>Number of floats from <see cref="GradWeight"/> on, all of them sums.</summary>
    public int Sums => _kernel + PackedSplit.TileChannels;

    public void ClearSums() => new Span<float>(GradWeight, Sums).Clear();
}

/// <summary>
/// Adds up the gradients of weights and bias that the backward jobs left in the workspace: one piece a tile, runs in rising order for any
/// number of threads.
/// </summary>
internal readonly unsafe struct ConvReduceJob(in ConvPlan plan, in ConvGradientPlan gradient, float* workspace) : IParallelJob
{
    private readonly ConvPlan _plan = plan;
    private readonly ConvGradientPlan _gradient = gradient;

    public void Run(int index)
    {
        int k = _plan.KernelSize;
        var sums = new ConvJobBuffers(workspace, index, k);
        for (int run = 1; run < _plan.Split.Runs; run++)
        {
            float* more = new ConvJobBuffers(workspace, (run * _plan.Split.Tiles) + index, k).GradWeight;
            for (int i = 0; i < sums.Sums; i += Lanes128.Count)
                Lanes128.Store(sums.GradWeight + i, Lanes128.Load(sums.GradWeight + i) + Lanes128.Load(more + i));
        }

        var tile = new ConvTile(_plan, index);
        for (int c = 0; c < tile.Channels; c++)
        {
            nint channel = tile.FirstChannel + c;
            for (int j = 0; j < k; j++)
                _gradient.GradWeight[(channel * k) + j] += sums.GradWeight[(j * PackedSplit.TileChannels) + c];
            if (_gradient.GradBias != null)
                _gradient.GradBias[channel] += sums.GradBias[c];
        }
    }
}

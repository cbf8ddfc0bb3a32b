using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>What every layer of one pass shares: the packed sequences it works on, scratch memory and threads.</summary>
internal readonly ref struct LayerContext
{
    public required MambaConfig Config { get; init; }

    /// <summary>Where sequences begin and end, from 0.</summary>
    public required ReadOnlySpan<int> Offsets { get; init; }

    public required NativeArena Arena { get; init; }

    public required CpuParallel Parallel { get; init; }

    /// <summary>Whether a backward pass follows.</summary>
    public required bool IsTraining { get; init; }

    public int Tokens => Offsets[^1];

    public int Sequences => Offsets.Length - 1;

    /// <summary>A buffer of undefined content with a row a token.</summary>
    public NativeBuffer<float> Rows(int width) => Arena.Allocate<float>(checked(Tokens * width));
}

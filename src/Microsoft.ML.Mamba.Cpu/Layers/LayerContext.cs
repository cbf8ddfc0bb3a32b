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

    /// <summary>
    /// Whether linear layers use the packed weights: then a row's result depends on that row alone, bit by bit. A training step's weights are not packed.
    /// </summary>
    public required bool UsesPackedWeights { get; init; }

    /// <summary>Whether the only sequence is a stretch of a longer one: cutting it must not change a bit.</summary>
    public bool IsStretch { get; init; }

    public int Tokens => Offsets[^1];

    public int Sequences => Offsets.Length - 1;

    /// <summary>Where a kernel adds the gradient of a parameter of so many elements: to the given buffer, or to scratch where nobody asks for it.</summary>
    public NativeBuffer<float> GradientOrScratch(NativeBuffer<float>? gradient, int length) => gradient ?? Arena.AllocateZeroed<float>(length);

    /// <summary>A buffer of undefined content with a row a token.</summary>
    public NativeBuffer<float> Rows(int width) => Arena.Allocate<float>(checked(Tokens * width));
}

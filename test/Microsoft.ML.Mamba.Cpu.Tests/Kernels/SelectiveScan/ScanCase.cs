using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>Inputs of one scan. A row stride is the width plus <see cref="Gap"/>.</summary>
internal sealed class ScanCase
{
    public required int Channels { get; init; }

    public required int State { get; init; }

    public int Groups { get; init; } = 1;

    public required int[] Offsets { get; init; }

    public int Gap { get; init; }

    public bool Softplus { get; init; } = true;

    public bool Reverse { get; set; }

    public bool Stretches { get; set; }

    public float[] X { get; set; } = [];

    public float[] Dt { get; set; } = [];

    public float[] DtBias { get; set; } = [];

    public float[] A { get; set; } = [];

    public float[] B { get; set; } = [];

    public float[] C { get; set; } = [];

    public float[] D { get; set; } = [];

    public float[] Z { get; set; } = [];

    public float[] InitialState { get; set; } = [];

    public int Tokens => Offsets[^1];

    public int Sequences => Offsets.Length - 1;

    public int StateLength => Sequences * Channels * State;

    public int ChannelStride => Channels + Gap;

    public int GroupWidth => Groups * State;

    public int GroupStride => GroupWidth + Gap;

    public SelectiveScanArguments Arguments => new()
    {
        Channels = Channels,
        StateSize = State,
        Groups = Groups,
        Offsets = Offsets,
        X = X,
        XStride = ChannelStride,
        Dt = Dt,
        DtStride = ChannelStride,
        DtBias = DtBias,
        Softplus = Softplus,
        A = A,
        B = B,
        BStride = GroupStride,
        C = C,
        CStride = GroupStride,
        D = D,
        Z = Z,
        ZStride = ChannelStride,
        InitialState = InitialState,
        Reverse = Reverse,
        Stretches = Stretches,
    };

    public static ScanCase Random(
        int seed, int[] lengths, int channels, int state, int groups = 1, bool all = true, bool initial = false, bool reverse = false, int gap = 0)
    {
        var random = new Random(seed);
        int[] offsets = KernelRandom.OffsetsOf(lengths);
        int tokens = offsets[^1], stride = channels + gap, groupStride = (groups * state) + gap;
        return new ScanCase
        {
            Channels = channels,
            State = state,
            Groups = groups,
            Offsets = offsets,
            Gap = gap,
            Reverse = reverse,
            Softplus = all,
            X = KernelRandom.Rows(random, tokens, stride, channels),
            Dt = KernelRandom.Rows(random, tokens, stride, channels, all ? -3 : 0.01, all ? 2 : 0.5),
            A = KernelRandom.Uniform(random, channels * state, -4, -0.02),
            B = KernelRandom.Rows(random, tokens, groupStride, groups * state),
            C = KernelRandom.Rows(random, tokens, groupStride, groups * state),
            DtBias = all ? KernelRandom.Uniform(random, channels) : [],
            D = all ? KernelRandom.Uniform(random, channels) : [],
            Z = all ? KernelRandom.Rows(random, tokens, stride, channels, -3, 3) : [],
            InitialState = initial ? KernelRandom.Uniform(random, lengths.Length * channels * state) : [],
        };
    }

    /// <summary>The same case with some tokens only: those of one sequence, or a part of it.</summary>
    public ScanCase Slice(int first, int end, float[] initialState)
    {
        return new ScanCase
        {
            Channels = Channels,
            State = State,
            Groups = Groups,
            Offsets = [0, end - first],
            Gap = Gap,
            Reverse = Reverse,
            Stretches = Stretches,
            Softplus = Softplus,
            X = X[(first * ChannelStride)..(end * ChannelStride)],
            Dt = Dt[(first * ChannelStride)..(end * ChannelStride)],
            DtBias = DtBias,
            A = A,
            B = B[(first * GroupStride)..(end * GroupStride)],
            C = C[(first * GroupStride)..(end * GroupStride)],
            D = D,
            Z = Z.Length == 0 ? [] : Z[(first * ChannelStride)..(end * ChannelStride)],
            InitialState = initialState,
        };
    }

    public float[] InitialStateOf(int sequence)
    {
        int size = Channels * State;
        return InitialState.Length == 0 ? [] : InitialState[(sequence * size)..((sequence + 1) * size)];
    }
}

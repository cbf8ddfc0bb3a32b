using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// The gradient of a bias: <c>sum[c] += sum over t of x[t, c]</c> for x [rows, channels].
/// Accumulated in float32 over at most 64 partial sums of neighbouring rows, added in order: the same for any number of threads.
/// </summary>
internal static unsafe class ColumnSum
{
    /// <summary>Floats of workspace.</summary>
    public static int WorkspaceSize(int rows, int channels) => checked(RowBlocks.Partials(rows) * channels);

    /// <param name="rows">Rows.</param>
    /// <param name="channels">Columns.</param>
    /// <param name="x">[rows, channels].</param>
    /// <param name="strideX">Row stride of <paramref name="x"/>.</param>
    /// <param name="sum">[channels], accumulated (+=).</param>
    /// <param name="workspace">At least <see cref="WorkspaceSize"/>, overwritten.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Accumulate(int rows, int channels, ReadOnlySpan<float> x, int strideX, Span<float> sum, Span<float> workspace, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Accumulate<Lanes512, Vector512<float>>(rows, channels, x, strideX, sum, workspace, parallel); break;
            case 256: Accumulate<Lanes256, Vector256<float>>(rows, channels, x, strideX, sum, workspace, parallel); break;
            case 128: Accumulate<Lanes128, Vector128<float>>(rows, channels, x, strideX, sum, workspace, parallel); break;
            default: Accumulate<Lanes1, float>(rows, channels, x, strideX, sum, workspace, parallel); break;
        }
    }

    internal static void Accumulate<TLanes, TVector>(
        int rows, int channels, ReadOnlySpan<float> x, int strideX, Span<float> sum, Span<float> workspace, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(rows, nameof(rows));
        KernelCheck.Size(channels, nameof(channels), 1);
        KernelCheck.Matrix(x.Length, nameof(x), rows, nameof(rows), channels, nameof(channels), strideX);
        KernelCheck.Vector(sum.Length, nameof(sum), channels, nameof(channels));
        KernelCheck.Workspace(workspace.Length, WorkspaceSize(rows, channels));
        fixed (float* px = x, pSum = sum, pWorkspace = workspace)
        {
            int partials = RowBlocks.Partials(rows);
            var job = new Job<TLanes, TVector>(rows, channels, px, strideX, pWorkspace);
            parallel.For(partials, ref job);
            AddPartials<TLanes, TVector>(pWorkspace, partials, channels, pSum);
        }
    }

    /// <summary><c>sum[c] += partial[0, c] + partial[1, c] + ...</c>.</summary>
    internal static void AddPartials<TLanes, TVector>(float* partial, int partials, int channels, float* sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int c = 0;
        for (; c + TLanes.Count <= channels; c += TLanes.Count)
        {
            TVector total = TLanes.Create(0f);
            for (int p = 0; p < partials; p++)
                total = TLanes.Add(total, TLanes.Load(partial + (nint)p * channels + c));
            TLanes.Store(sum + c, TLanes.Add(TLanes.Load(sum + c), total));
        }

        for (; c < channels; c++)
        {
            float total = 0f;
            for (int p = 0; p < partials; p++)
                total += partial[(nint)p * channels + c];
            sum[c] += total;
        }
    }

    /// <summary><c>y[c] += x[c]</c>.</summary>
    internal static void AddRow<TLanes, TVector>(float* x, float* y, int channels)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int c = 0;
        for (; c + TLanes.Count <= channels; c += TLanes.Count)
            TLanes.Store(y + c, TLanes.Add(TLanes.Load(y + c), TLanes.Load(x + c)));
        for (; c < channels; c++)
            y[c] += x[c];
    }

    private readonly struct Job<TLanes, TVector>(int rows, int channels, float* x, int strideX, float* partial) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int size = RowBlocks.RowsPerPartial(rows);
            int start = index * size;
            int end = Math.Min(start + size, rows);
            float* mine = partial + (nint)index * channels;
            new Span<float>(mine, channels).Clear();
            for (int t = start; t < end; t++)
                AddRow<TLanes, TVector>(x + (nint)t * strideX, mine, channels);
        }
    }
}

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>
/// The shapes that the scan's tests run over: lengths around the chunk of 32, channels around vectors of 4, 8 and 16 and the tile of 64,
/// states around the four at a time.
/// </summary>
internal static class ScanShapes
{
    /// <summary>Channels, states, groups, lengths.</summary>
    public static TheoryData<int, int, int, int[]> All => new()
    {
        { 1, 1, 1, [1] },
        { 3, 5, 1, [2, 1, 3] },
        { 40, 16, 1, [4, 5, 0, 63] },
        { 15, 8, 1, [31, 32, 33] },
        { 16, 16, 1, [130] },
        { 17, 17, 1, [64, 65, 1] },
        { 7, 4, 1, [9, 1, 1, 40] },
        { 8, 16, 2, [5, 33, 0] },
        { 9, 3, 1, [12] },
        { 6, 5, 2, [35] },
        { 4, 64, 1, [34] },
        { 5, 256, 1, [3, 33] },
        { 130, 16, 2, [70, 1] },
        { 200, 2, 1, [96, 8, 8, 8, 90] },
        { 2, 16, 1, [1000] },
    };

    /// <summary>As <see cref="All"/>, few.</summary>
    public static TheoryData<int, int, int, int[]> Some => new()
    {
        { 40, 16, 1, [4, 5, 0, 63, 1] },
        { 17, 5, 1, [33, 64] },
        { 130, 16, 2, [70, 1, 2] },
    };

    /// <summary>Vector bits; 32 is scalar code.</summary>
    public static TheoryData<int> Bits => [512, 256, 128, 32];
}

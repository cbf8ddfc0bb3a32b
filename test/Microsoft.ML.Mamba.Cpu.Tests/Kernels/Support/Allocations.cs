namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class Allocations
{
    /// <summary>Fails if an action, once warm, allocates managed memory on the calling thread.</summary>
    public static void AssertNone(Action action)
    {
        for (int i = 0; i < 3; i++)
            action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}

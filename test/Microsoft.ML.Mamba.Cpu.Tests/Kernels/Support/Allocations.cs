namespace Microsoft.ML.Mamba.Cpu.Tests;

internal static class Allocations
{
    /// <summary>Fails if an action, once warm, allocates managed memory on the calling thread.</summary>
    /// <remarks>
    /// The least of several measurements counts: a collection that another test causes in between ends this thread's allocation buffer,
    /// whose unused rest is then counted as allocated. What the action itself allocates, it allocates every time.
    /// </remarks>
    public static void AssertNone(Action action)
    {
        for (int i = 0; i < 3; i++)
            action();
        long least = long.MaxValue;
        for (int i = 0; i < 5 && least != 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}

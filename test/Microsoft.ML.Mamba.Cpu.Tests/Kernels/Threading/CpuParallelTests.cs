using System.Collections.Concurrent;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class CpuParallelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void For_RunsEveryPieceOnce(int threads)
    {
        using var team = new CpuParallel(threads);
        foreach (int count in new[] { 0, 1, 2, 7, 1000, 100_000, 3 })
        {
            var job = new CountJob(new int[count]);
            team.For(count, ref job);
            Assert.All(job.Runs, runs => Assert.Equal(1, runs));
        }
    }

    [Fact]
    public void For_UsesTheWorkers()
    {
        using var team = new CpuParallel(2);
        var job = new MeetJob(new CountdownEvent(2));
        team.For(2, ref job);
        Assert.True(job.Meeting.IsSet);
    }

    [Fact]
    public void For_WakesSleepingWorkers()
    {
        using var team = new CpuParallel(2);
        for (int round = 0; round < 3; round++)
        {
            var job = new MeetJob(new CountdownEvent(2));
            team.For(2, ref job);
            Assert.True(job.Meeting.IsSet);
            Thread.Sleep(50);
        }
    }

    [Fact]
    public void For_MayBeNested()
    {
        using var team = new CpuParallel(4);
        var job = new NestedJob(team, new int[40, 30]);
        team.For(40, ref job);
        foreach (int runs in job.Runs)
            Assert.Equal(1, runs);
    }

    [Fact]
    public void For_MayBeCalledFromManyThreads()
    {
        using var team = new CpuParallel(3);
        var failures = new ConcurrentQueue<string>();
        Thread[] callers = [.. Enumerable.Range(0, 6).Select(_ => new Thread(() =>
        {
            for (int round = 0; round < 200; round++)
            {
                var job = new CountJob(new int[50]);
                team.For(50, ref job);
                if (job.Runs.Any(runs => runs != 1))
                    failures.Enqueue($"round {round}");
            }
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.Empty(failures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void For_BringsExceptionsBackAndGoesOn(int threads)
    {
        using var team = new CpuParallel(threads);
        for (int round = 0; round < 20; round++)
        {
            var failing = new FailJob(17);
            var exception = Assert.Throws<InvalidOperationException>(() => team.For(100, ref failing));
            Assert.Equal("piece 17", exception.Message);
            var job = new CountJob(new int[100]);
            team.For(100, ref job);
            Assert.All(job.Runs, runs => Assert.Equal(1, runs));
        }
    }

    [Fact]
    public void For_AllocatesNothing()
    {
        var sums = new int[100];
        Allocations.AssertNone(() =>
        {
            var job = new CountJob(sums);
            Teams.Two.For(sums.Length, ref job);
        });
    }

    [Fact]
    public void For_ThrowsForNegativeCount()
    {
        var job = new CountJob([]);
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Teams.One.For(-1, ref job));
        Assert.Contains("-1", exception.Message);
        Assert.Equal("count", exception.ParamName);
    }

    [Fact]
    public void Constructor_ThrowsForNoThreads()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new CpuParallel(0));
        Assert.Equal("threads", exception.ParamName);
    }

    [Fact]
    public void Dispose_StopsTheTeam()
    {
        var team = new CpuParallel(2);
        var job = new CountJob(new int[10]);
        team.For(10, ref job);
        team.Dispose();
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => team.For(10, ref job));
    }

    [Fact]
    public void Dispose_ThrowsFromWithinAJob()
    {
        using var team = new CpuParallel(2);
        var job = new DisposeJob(team);
        Assert.Throws<InvalidOperationException>(() => team.For(2, ref job));
    }

    [Fact]
    public void Shared_CannotBeDisposed()
    {
        CpuParallel.Shared.Dispose();
        var job = new CountJob(new int[10]);
        CpuParallel.Shared.For(10, ref job);
        Assert.All(job.Runs, runs => Assert.Equal(1, runs));
        Assert.Equal(Environment.ProcessorCount, CpuParallel.Shared.Threads);
    }

    private readonly struct CountJob(int[] runs) : IParallelJob
    {
        public int[] Runs => runs;

        public void Run(int index) => Interlocked.Increment(ref runs[index]);
    }

    private readonly struct MeetJob(CountdownEvent meeting) : IParallelJob
    {
        public CountdownEvent Meeting => meeting;

        public void Run(int index)
        {
            meeting.Signal();
            if (!meeting.Wait(TimeSpan.FromSeconds(30)))
                throw new TimeoutException($"Piece {index} waited for another thread in vain.");
        }
    }

    private readonly struct NestedJob(CpuParallel team, int[,] runs) : IParallelJob
    {
        public int[,] Runs => runs;

        public void Run(int index)
        {
            var inner = new InnerJob(runs, index);
            team.For(30, ref inner);
        }
    }

    private readonly struct InnerJob(int[,] runs, int row) : IParallelJob
    {
        public void Run(int index) => Interlocked.Increment(ref runs[row, index]);
    }

    private readonly struct FailJob(int piece) : IParallelJob
    {
        public void Run(int index)
        {
            if (index == piece)
                throw new InvalidOperationException($"piece {index}");
        }
    }

    private readonly struct DisposeJob(CpuParallel team) : IParallelJob
    {
        public void Run(int index) => team.Dispose();
    }
}

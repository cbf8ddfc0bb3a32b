using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public unsafe class NativeArenaTests
{
    [Fact]
    public void Allocate_GivesAlignedDistinctBuffers()
    {
        using var arena = new NativeArena();
        var buffers = new List<NativeBuffer<float>>();
        foreach (int length in new[] { 1, 0, 15, 16, 17, 100_000, 3 })
            buffers.Add(arena.Allocate<float>(length));
        for (int i = 0; i < buffers.Count; i++)
        {
            Assert.Equal(0, (nint)buffers[i].Pointer % 64);
            buffers[i].Span.Fill(i);
        }

        for (int i = 0; i < buffers.Count; i++)
            Assert.All(buffers[i].Span.ToArray(), value => Assert.Equal(i, value));
    }

    [Fact]
    public void Reset_MergesBlocksSoThatTheNextStepAllocatesNothing()
    {
        using var arena = new NativeArena();
        void Step()
        {
            for (int i = 0; i < 20; i++)
            {
                arena.Allocate<float>(10_000);
                arena.AllocateZeroed<int>(777);
            }

            arena.Reset();
        }

        Step();
        long capacity = arena.Capacity;
        Step();
        Assert.Equal(capacity, arena.Capacity);
        Allocations.AssertNone(Step);
        Assert.Equal(0, arena.Used);
    }

    [Fact]
    public void AllocateZeroed_GivesZerosWherePoisonLay()
    {
        using var arena = new NativeArena(poison: true);
        Assert.All(arena.Allocate<float>(100).Span.ToArray(), value => Assert.True(float.IsNaN(value)));
        arena.Reset();
        Assert.All(arena.AllocateZeroed<float>(100).Span.ToArray(), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Reset_PoisonsWhatIsTakenBack()
    {
        using var arena = new NativeArena(poison: true);
        NativeBuffer<float> buffer = arena.AllocateZeroed<float>(100);
        arena.Reset();
        Assert.All(buffer.Span.ToArray(), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void Release_TakesBackToTheMark()
    {
        using var arena = new NativeArena();
        arena.Allocate<float>(100);
        NativeArena.Mark mark = arena.GetMark();
        float* first = arena.Allocate<float>(10).Pointer;
        arena.Allocate<float>(1_000_000);
        arena.Release(mark);
        Assert.True(first == arena.Allocate<float>(10).Pointer);
        Assert.Equal(448 + 64, arena.Used);
    }

    [Fact]
    public void Release_ThrowsForAMarkAhead()
    {
        using var arena = new NativeArena();
        arena.Allocate<float>(100);
        NativeArena.Mark mark = arena.GetMark();
        arena.Reset();
        Assert.Contains("448", Assert.Throws<ArgumentException>(() => arena.Release(mark)).Message);
    }

    [Fact]
    public void Allocate_ThrowsForNegativeLength()
    {
        using var arena = new NativeArena();
        Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => arena.Allocate<float>(-1)).ParamName);
    }

    [Fact]
    public void Allocate_ThrowsAfterDispose()
    {
        var arena = new NativeArena();
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.Allocate<float>(1));
        Assert.Throws<ObjectDisposedException>(arena.Reset);
    }

    [Fact]
    public void Slice_ThrowsBeyondTheBuffer()
    {
        using var arena = new NativeArena();
        NativeBuffer<float> buffer = arena.Allocate<float>(10);
        Assert.Equal(4, buffer.Slice(6, 4).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(6, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(-1, 2));
    }

    [Fact]
    public void Pool_GivesBackWhatWasReturned()
    {
        using var pool = new NativeArenaPool();
        NativeArena first = pool.Rent(), second = pool.Rent();
        Assert.NotSame(first, second);
        first.Allocate<float>(10);
        pool.Return(first);
        Assert.Same(first, pool.Rent());
        Assert.Equal(0, first.Used);
        pool.Return(first);
        pool.Return(second);
        Allocations.AssertNone(() => pool.Return(pool.Rent()));
    }

    [Fact]
    public void Pool_DisposesWhatComesBackLate()
    {
        var pool = new NativeArenaPool();
        NativeArena arena = pool.Rent();
        pool.Dispose();
        pool.Return(arena);
        Assert.Throws<ObjectDisposedException>(() => arena.Allocate<float>(1));
        Assert.Throws<ObjectDisposedException>(pool.Rent);
    }
}

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Buffers for one step at a time: allocation moves a cursor, <see cref="Reset"/> takes everything back. What did not fit in one block
/// is merged into a larger one at the next reset, so a step of the same size then allocates no memory, managed or native.
/// </summary>
/// <remarks>Not thread-safe: one step uses one arena (see <see cref="NativeArenaPool"/>). Every buffer starts at a multiple of 64 bytes.</remarks>
internal sealed unsafe class NativeArena : IDisposable
{
    private const long SmallestBlock = 64 * 1024;
    private readonly List<NativeBlock> _blocks = [];
    private readonly bool _poison;
    private int _current;
    private long _used;
    private long _usedBefore;
    private bool _disposed;

    /// <param name="poison">Fill buffers whose content is undefined, and all that is taken back, with 0xFF bytes: NaN as floats, -1 as integers. For tests.</param>
    public NativeArena(bool poison = false)
    {
        _poison = poison;
    }

    /// <summary>A place to come back to with <see cref="Release"/>.</summary>
    public readonly record struct Mark(int Block, long Used, long UsedBefore);

    /// <summary>Bytes held from the system.</summary>
    public long Capacity
    {
        get
        {
            long sum = 0;
            foreach (NativeBlock block in _blocks)
                sum += block.Bytes;
            return sum;
        }
    }

    /// <summary>Bytes handed out since the last reset, padding included.</summary>
    public long Used => _usedBefore + _used;

    /// <summary>A buffer of undefined content.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    public NativeBuffer<T> Allocate<T>(int length) where T : unmanaged
    {
        NativeBuffer<T> buffer = Take<T>(length);
        if (_poison)
            new Span<byte>(buffer.Pointer, checked(length * sizeof(T))).Fill(0xFF);
        return buffer;
    }

    /// <summary>A buffer of zeros; otherwise as <see cref="Allocate{T}"/>.</summary>
    public NativeBuffer<T> AllocateZeroed<T>(int length) where T : unmanaged
    {
        NativeBuffer<T> buffer = Take<T>(length);
        buffer.Span.Clear();
        return buffer;
    }

    /// <summary>The present place.</summary>
    public Mark GetMark() => new(_current, _used, _usedBefore);

    /// <summary>Takes back all that was allocated since <paramref name="mark"/> was got. Marks are released in reverse order.</summary>
    /// <exception cref="ArgumentException">The mark lies ahead: it was got before a reset or an earlier release.</exception>
    public void Release(Mark mark)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (mark.Block > _current || mark.UsedBefore + mark.Used > Used)
            throw new ArgumentException($"The mark lies at {mark.UsedBefore + mark.Used} bytes, ahead of the {Used} bytes in use.", nameof(mark));
        if (_poison)
        {
            for (int i = mark.Block; i <= _current && i < _blocks.Count; i++)
                Poison(_blocks[i], i == mark.Block ? mark.Used : 0, i == _current ? _used : _blocks[i].Bytes);
        }

        (_current, _used, _usedBefore) = mark;
    }

    /// <summary>Takes everything back, and merges several blocks into one of their size together.</summary>
    public void Reset()
    {
        Release(default);
        if (_blocks.Count < 2)
            return;
        long capacity = Capacity;
        FreeBlocks();
        _blocks.Add(new NativeBlock(capacity));
    }

    /// <summary>Frees the memory; all buffers become invalid.</summary>
    public void Dispose()
    {
        _disposed = true;
        FreeBlocks();
    }

    private static void Poison(NativeBlock block, long from, long to)
    {
        for (long start = from; start < to; start += int.MaxValue)
            new Span<byte>(block.Pointer + start, (int)Math.Min(to - start, int.MaxValue)).Fill(0xFF);
    }

    private NativeBuffer<T> Take<T>(int length) where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (length < 0)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"length must not be negative; got {length}.");
        long bytes = ((long)length * sizeof(T) + NativeBlock.Alignment - 1) & -NativeBlock.Alignment;
        while (_current < _blocks.Count && _used + bytes > _blocks[_current].Bytes)
        {
            if (_current + 1 == _blocks.Count)
                AddBlock(bytes);
            _usedBefore += _used;
            _used = 0;
            _current++;
        }

        if (_blocks.Count == 0)
            AddBlock(bytes);
        var pointer = (T*)(_blocks[_current].Pointer + _used);
        _used += bytes;
        return new NativeBuffer<T>(pointer, length);
    }

    // Each block is at least as large as all before it, so that few are needed.
    private void AddBlock(long bytes) => _blocks.Add(new NativeBlock(Math.Max(bytes, Math.Max(Capacity, SmallestBlock))));

    private void FreeBlocks()
    {
        foreach (NativeBlock block in _blocks)
            block.Dispose();
        _blocks.Clear();
        (_current, _used, _usedBefore) = (0, 0, 0);
    }
}

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Arenas for calls that may run on several threads at once: each rents one and gives it back. Thread-safe.</summary>
internal sealed class NativeArenaPool : IDisposable
{
    private readonly Lock _lock = new();
    private readonly bool _poison;
    private NativeArena?[] _free = new NativeArena?[4];
    private int _count;
    private bool _disposed;

    /// <param name="poison">As for <see cref="NativeArena(bool)"/>.</param>
    public NativeArenaPool(bool poison = false)
    {
        _poison = poison;
    }

    /// <summary>An arena that nobody else uses, empty; the one returned last, whose memory is warm.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public NativeArena Rent()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_count > 0)
            {
                NativeArena arena = _free[--_count]!;
                _free[_count] = null;
                return arena;
            }
        }

        return new NativeArena(_poison);
    }

    /// <summary>Resets an arena and takes it back; after <see cref="Dispose"/> it is disposed instead.</summary>
    public void Return(NativeArena arena)
    {
        arena.Reset();
        lock (_lock)
        {
            if (!_disposed)
            {
                if (_count == _free.Length)
                    Array.Resize(ref _free, 2 * _count);
                _free[_count++] = arena;
                return;
            }
        }

        arena.Dispose();
    }

    /// <summary>Disposes the arenas that are not rented out.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            while (_count > 0)
                _free[--_count]!.Dispose();
        }
    }
}

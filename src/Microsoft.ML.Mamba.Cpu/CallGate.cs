namespace Microsoft.ML.Mamba.Cpu;

/// <summary>Counts the calls inside a model, so that disposal on one thread frees no memory that a call on another still reads.</summary>
internal sealed class CallGate(object owner, Action free)
{
    private readonly Lock _lock = new();
    private int _calls;
    private bool _closed;

    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            _calls++;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_calls > 0 || !_closed)
                return;
        }

        free();
    }

    /// <summary>Lets nobody in any more, and frees when the last call has left.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_closed)
                return;
            _closed = true;
            if (_calls > 0)
                return;
        }

        free();
    }
}

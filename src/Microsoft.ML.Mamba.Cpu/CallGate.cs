namespace Microsoft.ML.Mamba.Cpu;

/// <summary>Counts the calls inside a model, so that disposal on one thread frees no memory that a call on another still reads.</summary>
internal sealed class CallGate(object owner, Action free)
{
    private readonly Lock _lock = new();
    private int _calls;
    private bool _closed;

    /// <summary>Lets a call in, which ends when the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public Call Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            _calls++;
        }

        return new Call(this);
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

    private void Leave()
    {
        lock (_lock)
        {
            if (--_calls > 0 || !_closed)
                return;
        }

        free();
    }

    /// <summary>A call inside the model.</summary>
    public readonly struct Call(CallGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}

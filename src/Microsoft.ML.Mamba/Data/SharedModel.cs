namespace Microsoft.ML.Mamba.Data;

/// <summary>A model that several transformers use; the last one that lets go of it disposes it. Thread-safe.</summary>
internal sealed class SharedModel(MambaEnsemble model)
{
    private readonly Lock _lock = new();
    private int _users = 1;

    public MambaEnsemble Model => model;

    /// <exception cref="ObjectDisposedException">Nobody uses the model any more.</exception>
    public SharedModel Share()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_users == 0, typeof(MambaTransformer));
            _users++;
            return this;
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            if (--_users > 0)
                return;
        }

        model.Dispose();
    }
}

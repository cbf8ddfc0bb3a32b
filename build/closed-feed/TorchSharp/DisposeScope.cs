namespace TorchSharp;

/// <summary>Disposes the tensors that its thread makes while it is the innermost scope. Scopes may end in any order.</summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static Thread s_thread;

    private readonly Thread _thread = s_thread ??= new Thread();
    private HashSet<torch.Tensor> _tensors = new(ReferenceEqualityComparer.Instance);
    private DisposeScope _outer;
    private bool _isDisposed;

    internal DisposeScope() => (_outer, _thread.Innermost) = (_thread.Innermost, this);

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        HashSet<torch.Tensor> tensors = _tensors;
        _tensors = new(ReferenceEqualityComparer.Instance);
        foreach (torch.Tensor tensor in tensors)
            tensor.Dispose();
        Unlink();
    }

    /// <summary>Puts a new tensor into the thread's innermost scope.</summary>
    /// <returns>That scope, or null where there is none.</returns>
    internal static DisposeScope Register(torch.Tensor tensor)
    {
        DisposeScope scope = s_thread?.Innermost;
        scope?._tensors.Add(tensor);
        return scope;
    }

    internal void Detach(torch.Tensor tensor) => Move(tensor, null);

    internal void MoveToOuter(torch.Tensor tensor) => Move(tensor, _outer);

    /// <summary>Puts a tensor in the place of another that hands its native handle over.</summary>
    internal void Replace(torch.Tensor tensor, torch.Tensor replacement)
    {
        Detach(tensor);
        _tensors.Add(replacement);
        replacement.Scope = this;
    }

    private void Move(torch.Tensor tensor, DisposeScope to)
    {
        _tensors.Remove(tensor);
        to?._tensors.Add(tensor);
        tensor.Scope = to;
    }

    private void Unlink()
    {
        if (_thread.Innermost == this)
        {
            _thread.Innermost = _outer;
            return;
        }

        for (DisposeScope inner = _thread.Innermost; inner is not null; inner = inner._outer)
        {
            if (inner._outer == this)
                inner._outer = _outer;
        }
    }

    private sealed class Thread
    {
        public DisposeScope Innermost { get; set; }
    }
}

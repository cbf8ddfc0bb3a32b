using Microsoft.ML.Runtime;

namespace Microsoft.ML.StandIn;

/// <summary>
/// Takes progress and checks it. As in the real package, MLContext has no listener that would pull entries,
/// so the fill action is kept and never called.
/// </summary>
internal sealed class ProgressChannel : IProgressChannel
{
    private readonly IExceptionContext _context;
    private ProgressHeader _header = new ProgressHeader(null);
    private bool _disposed;

    public ProgressChannel(IExceptionContext context, string name)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        _context = context;
    }

    public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction) => _header = header;

    public void Checkpoint(params double?[] values)
    {
        _context.Check(!_disposed, "Can't report checkpoints after disposing");
        Contracts.CheckValue(_header, "header");
        // Metrics first, then progress, then its limits.
        int room = _header.MetricNames.Count + 2 * _header.UnitNames.Count;
        _context.Check((values?.Length ?? 0) <= room, "Too many values provided in Checkpoint");
    }

    public IProgressChannel StartProgressChannel(string name) => new Nested();

    public void Dispose() => _disposed = true;

    private sealed class Nested : IProgressChannel
    {
        public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction)
        {
        }

        // Checkpoints of nested channels are dropped by the real package too.
        public void Checkpoint(params double?[] values)
        {
        }

        public IProgressChannel StartProgressChannel(string name) => new Nested();

        public void Dispose()
        {
        }
    }
}

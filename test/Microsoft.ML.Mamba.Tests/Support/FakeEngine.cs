namespace Microsoft.ML.Mamba.Tests.Support;

/// <summary>
/// An engine that learns: the class from the mean of the tokens' embeddings (or projected frames), by plain gradient descent. It counts
/// what it is asked for.
/// </summary>
internal sealed class FakeEngine : IMambaEngine
{
    private int _forwardPasses, _forwardRows, _running, _maxRunning, _largestBatch;

    public string Name => "fake";

    public int ForwardPasses => _forwardPasses;

    /// <summary>Passes that gave features.</summary>
    public int PooledPasses { get; internal set; }

    /// <summary>Passes that gave saliency.</summary>
    public int SaliencyPasses { get; internal set; }

    /// <summary>Models that were disposed.</summary>
    public int Disposed { get; internal set; }

    public int ForwardRows => _forwardRows;

    public int LargestBatch => _largestBatch;

    public int MaxConcurrency => _maxRunning;

    /// <summary>Called in every forward pass.</summary>
    public Action? OnForward { get; set; }

    /// <summary>Makes the loss of a step, counted from 1, NaN.</summary>
    public Func<int, bool> Diverges { get; set; } = _ => false;

    /// <summary>Called after every step with its number.</summary>
    public Action<int>? OnStep { get; set; }

    public MambaWeights? InitialWeights { get; private set; }

    public IMambaModel CreateModel(MambaConfig config, MambaWeights weights)
    {
        MambaParameters.Check(config, weights);
        InitialWeights = weights.Clone();
        return new FakeModel(this, config, weights.Clone());
    }

    internal IDisposable Running(int rows)
    {
        int running = Interlocked.Increment(ref _running);
        lock (this)
        {
            _forwardPasses++;
            _forwardRows += rows;
            _largestBatch = Math.Max(_largestBatch, rows);
            _maxRunning = Math.Max(_maxRunning, running);
        }

        OnForward?.Invoke();
        return new Ended(() => Interlocked.Decrement(ref _running));
    }

    private sealed class Ended(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}

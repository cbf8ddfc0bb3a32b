using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// A fixed team of threads that share numbered pieces of work; the calling thread is one of them. Nothing is allocated by
/// <see cref="For{TJob}"/> after the workers have started, which the first parallel call does.
/// </summary>
/// <remarks>
/// Pieces are handed out as threads become free, so results must depend on the piece and never on the thread; then they are the same
/// for any number of threads. Thread-safe: a call that comes while the team is busy (nested, or from another thread) runs inline.
/// Idle workers spin for some microseconds, then sleep.
/// </remarks>
internal sealed unsafe class CpuParallel : IDisposable
{
    private const int WorkerSpins = 250;
    private const int CallerSpins = 500;
    private static readonly CpuParallel s_shared = new(Environment.ProcessorCount, isShared: true);

    private readonly bool _isShared;
    private readonly object _sleep = new();
    private readonly object _finish = new();
    private Thread[]? _workers;

    // High half: number of the round. Low half: pieces not yet handed out. One compare-and-swap takes a piece of exactly that round:
    // while pieces are left the three fields below cannot change.
    private long _state;
    private int _count;
    private void* _job;
    private delegate*<void*, int, void> _run;

    private int _busy;
    private int _sleepers;
    private int _unfinished;
    private volatile bool _callerSleeps;
    private volatile bool _disposed;
    private Exception? _failure;

    /// <summary>A team of <paramref name="threads"/> threads, the caller among them.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1.</exception>
    public CpuParallel(int threads) : this(threads, isShared: false)
    {
    }

    private CpuParallel(int threads, bool isShared)
    {
        if (threads < 1)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, $"threads must be at least 1; got {threads}.");
        Threads = threads;
        _isShared = isShared;
    }

    /// <summary>A team as large as the machine, for the whole process; cannot be disposed.</summary>
    public static CpuParallel Shared => s_shared;

    /// <summary>Number of threads, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>
    /// Runs pieces 0 to <paramref name="count"/> - 1 and returns when all are done. If pieces throw, the first exception caught comes back
    /// and pieces not yet begun are skipped.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The team was disposed.</exception>
    public void For<TJob>(int count, ref TJob job) where TJob : struct, IParallelJob
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (count < 0)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"count must not be negative; got {count}.");
        if (count < 2 || Threads == 1 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            for (int i = 0; i < count; i++)
                job.Run(i);
            return;
        }

        // The job may hold references: pinned here, it is read in place through a managed reference by all threads.
        fixed (byte* address = &Unsafe.As<TJob, byte>(ref job))
            RunTogether(count, address, &RunPiece<TJob>);
    }

    /// <summary>Stops and joins the workers. The shared team ignores it.</summary>
    /// <exception cref="InvalidOperationException">Called from within a job.</exception>
    public void Dispose()
    {
        if (_isShared || _disposed)
            return;
        if (Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
            throw new InvalidOperationException("A CpuParallel cannot be disposed while it runs a job.");
        _disposed = true;
        lock (_sleep)
            Monitor.PulseAll(_sleep);
        foreach (Thread worker in _workers ?? [])
            worker.Join();
    }

    private static void RunPiece<TJob>(void* job, int index) where TJob : struct, IParallelJob => Unsafe.AsRef<TJob>(job).Run(index);

    private void RunTogether(int count, void* job, delegate*<void*, int, void> run)
    {
        try
        {
            if (_workers is null)
                StartWorkers();
            _count = count;
            _job = job;
            _run = run;
            _failure = null;
            Volatile.Write(ref _unfinished, count);
            long round = (_state >> 32) + 1;
            Interlocked.Exchange(ref _state, (round << 32) | (uint)count);
            if (Volatile.Read(ref _sleepers) > 0)
            {
                lock (_sleep)
                    Monitor.PulseAll(_sleep);
            }

            TakePieces();
            WaitForOthers();
            if (_failure is { } failure)
            {
                _failure = null;
                ExceptionDispatchInfo.Throw(failure);
            }
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    private void StartWorkers()
    {
        var workers = new Thread[Threads - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(Work) { IsBackground = true, Name = $"Mamba kernels {i + 1}" };
            workers[i].UnsafeStart();
        }

        _workers = workers;
    }

    private void Work()
    {
        int spins = 0;
        while (!_disposed)
        {
            if (TakePieces())
            {
                spins = 0;
                continue;
            }

            if (++spins < WorkerSpins && Environment.ProcessorCount > 1)
            {
                Thread.SpinWait(8);
                continue;
            }

            spins = 0;
            lock (_sleep)
            {
                // Announced before the last look; the caller publishes before it looks for sleepers. One of the two sees the other.
                Interlocked.Increment(ref _sleepers);
                while (!_disposed && (uint)Volatile.Read(ref _state) == 0)
                    Monitor.Wait(_sleep);
                Interlocked.Decrement(ref _sleepers);
            }
        }
    }

    private bool TakePieces()
    {
        bool any = false;
        while (true)
        {
            long state = Volatile.Read(ref _state);
            uint left = (uint)state;
            if (left == 0)
                return any;
            int count = Volatile.Read(ref _count);
            void* job = _job;
            delegate*<void*, int, void> run = _run;
            if (Interlocked.CompareExchange(ref _state, state - 1, state) != state)
                continue;

            any = true;
            try
            {
                if (Volatile.Read(ref _failure) is null)
                    run(job, count - (int)left);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _failure, exception, null);
            }

            if (Interlocked.Decrement(ref _unfinished) == 0 && _callerSleeps)
            {
                lock (_finish)
                    Monitor.PulseAll(_finish);
            }
        }
    }

    private void WaitForOthers()
    {
        for (int i = 0; i < CallerSpins; i++)
        {
            if (Volatile.Read(ref _unfinished) == 0)
                return;
            Thread.SpinWait(8);
        }

        lock (_finish)
        {
            _callerSleeps = true;
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _unfinished) != 0)
                Monitor.Wait(_finish);
            _callerSleeps = false;
        }
    }
}

namespace Microsoft.ML.Mamba;

/// <summary>
/// What a model remembers of the streams it has read: per block the last DConv - 1 inputs of the convolution and the states H of the scan,
/// and what pooling has gathered. Its size does not depend on how much was read.
/// </summary>
/// <remarks>Made by <see cref="IMambaModel.CreateState"/> and advanced by <see cref="IMambaModel.Step"/>. Not thread-safe.</remarks>
public abstract class MambaState : IDisposable
{
    /// <summary>Number of streams.</summary>
    public abstract int Sequences { get; }

    /// <summary>Tokens that each stream has read so far, <c>[Sequences]</c>.</summary>
    public abstract ReadOnlySpan<long> Positions { get; }

    /// <summary>Sets all streams back to their start.</summary>
    public abstract void Reset();

    /// <summary>Copies the state, so that several continuations of one prefix can be tried.</summary>
    public abstract MambaState Clone();

    /// <summary>Releases what the state holds. A disposed state cannot be used again.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the state holds.</summary>
    /// <param name="disposing">Whether this comes from <see cref="Dispose()"/> rather than a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}

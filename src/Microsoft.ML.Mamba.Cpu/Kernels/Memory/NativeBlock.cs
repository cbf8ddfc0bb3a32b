using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Native memory aligned to 64 bytes (a cache line, and the widest vector), freed on disposal or by the finalizer.</summary>
internal sealed unsafe class NativeBlock : SafeHandle
{
    public const int Alignment = 64;

    /// <summary>Allocates; the content is undefined.</summary>
    /// <param name="bytes">Not negative.</param>
    /// <exception cref="OutOfMemoryException">The system has no such memory.</exception>
    public NativeBlock(long bytes) : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment));
        Bytes = bytes;
        GC.AddMemoryPressure(Math.Max(bytes, 1));
    }

    /// <summary>Size in bytes.</summary>
    public long Bytes { get; }

    /// <summary>The first byte. Valid until disposal; keep the block reachable while using it.</summary>
    public byte* Pointer => (byte*)handle;

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(Math.Max(Bytes, 1));
        return true;
    }
}

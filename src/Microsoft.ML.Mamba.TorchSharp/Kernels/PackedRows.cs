namespace Microsoft.ML.Mamba.TorchSharp.Kernels;

/// <summary>Where the packed sequences of one pass begin and end, in main memory and on the device. Its tensors belong to the caller's dispose scope.</summary>
internal sealed class PackedRows
{
    /// <param name="offsets">[sequences + 1], from 0.</param>
    /// <param name="device">Where the kernels run.</param>
    /// <param name="withSegments">Whether <see cref="Segments"/> is wanted.</param>
    public PackedRows(int[] offsets, Device device, bool withSegments)
    {
        Offsets = offsets;
        for (int i = 0; i < Sequences; i++)
            MaxLength = Math.Max(MaxLength, offsets[i + 1] - offsets[i]);
        if (device.type == DeviceType.CUDA)
            DeviceOffsets = DeviceData.Indices(offsets, device);
        if (withSegments)
            Segments = DeviceData.Indices(SegmentsOf(offsets), device);
    }

    /// <summary>[sequences + 1], in main memory.</summary>
    public int[] Offsets { get; }

    public int Tokens => Offsets[^1];

    public int Sequences => Offsets.Length - 1;

    /// <summary>Length of the longest sequence.</summary>
    public int MaxLength { get; }

    /// <summary>Whether each sequence has one token, as in streaming token by token.</summary>
    public bool AreSteps => MaxLength == 1 && Tokens == Sequences;

    /// <summary>[sequences + 1], int64, where a CUDA device reads them.</summary>
    public Tensor? DeviceOffsets { get; }

    /// <summary>The sequence that each token belongs to, [tokens], int64.</summary>
    public Tensor? Segments { get; }

    private static long[] SegmentsOf(int[] offsets)
    {
        var segments = new long[offsets[^1]];
        for (int i = 0; i < offsets.Length - 1; i++)
            segments.AsSpan(offsets[i], offsets[i + 1] - offsets[i]).Fill(i);
        return segments;
    }
}

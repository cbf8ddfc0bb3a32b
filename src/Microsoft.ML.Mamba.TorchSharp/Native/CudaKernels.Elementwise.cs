using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.TorchSharp.Native;

internal sealed partial class CudaKernels
{
    /// <summary>Up to so many rows of a table, its gradient is a matrix product; index_put_ would add the many tokens of a row one after another.</summary>
    private const long SmallTable = 512;

    public override void Dropout(Tensor x, Tensor y, float probability, DropoutKey key)
    {
        using DisposeScope scope = NewDisposeScope();
        long length = x.numel();
        Tensor keep = empty(length, dtype: ScalarType.Bool, device: _device);
        // The hash's counter has 32 bits, and each run of 2^31 elements is computed by itself.
        for (long start = 0; start < length; start += 1L << 31)
        {
            long count = Math.Min(length - start, 1L << 31);
            keep.narrow(0, start, count).copy_(KeepMask(start, count, (uint)(probability * 4294967296.0), key));
        }

        y.copy_(x * keep.view(x.shape) * (1f / (1f - probability)));
    }

    public override void AddRows(Tensor gradTable, ReadOnlySpan<int> ids, Tensor gradRows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = DeviceData.Indices(ids, _device);
        if (gradTable.shape[0] <= SmallTable)
            gradTable.addmm_(nn.functional.one_hot(rows, gradTable.shape[0]).to(ScalarType.Float32).t(), gradRows);
        else
            gradTable.index_put_(gradRows, [rows], accumulate: true);
    }

    /// <summary>
    /// Where <c>CounterHash.Hash(index, key) >= threshold</c>, in int32: products and sums wrap as uint32's do, and shifts are masked to be
    /// logical.
    /// </summary>
    private Tensor KeepMask(long start, long count, uint threshold, DropoutKey key)
    {
        Tensor hash = arange((int)(uint)start, (int)(uint)start + count, dtype: ScalarType.Int32, device: _device);
        hash = Mix(hash.bitwise_xor_(Scalar(key.KeyAt(start))));
        hash = Mix(hash.add_((int)key.Key1));
        // Unsigned order is that of the signed numbers with the highest bit flipped.
        return hash.bitwise_xor_(Scalar(0x8000_0000)).ge((int)(threshold ^ 0x8000_0000));
    }

    private static Tensor Mix(Tensor hash)
    {
        hash.bitwise_xor_(ShiftRight(hash, 16)).mul_(unchecked((int)CounterHash.Factor1));
        hash.bitwise_xor_(ShiftRight(hash, 13)).mul_(unchecked((int)CounterHash.Factor2));
        return hash.bitwise_xor_(ShiftRight(hash, 16));
    }

    private static Tensor ShiftRight(Tensor hash, int bits) => hash.bitwise_right_shift(Scalar((uint)bits)).bitwise_and_(Scalar(uint.MaxValue >> bits));

    /// <summary>Stays in main memory: torch takes a scalar from there.</summary>
    private static Tensor Scalar(uint value) => tensor(unchecked((int)value), dtype: ScalarType.Int32);
}

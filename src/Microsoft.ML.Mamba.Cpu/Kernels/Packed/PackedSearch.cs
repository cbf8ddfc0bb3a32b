namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Finds sequences among packed tokens.</summary>
internal static unsafe class PackedSearch
{
    /// <summary>The last sequence that begins at a token or before it: the one that holds it, where none is empty.</summary>
    public static int SequenceOf(int* offsets, int sequences, int token)
    {
        int low = 0, high = sequences - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (offsets[middle] <= token)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }
}

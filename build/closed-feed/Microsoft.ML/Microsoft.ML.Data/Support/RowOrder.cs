namespace Microsoft.ML.Data;

internal static class RowOrder
{
    /// <summary>The row numbers in random order; a generator in a given state always gives the real package's order.</summary>
    public static int[] Permutation(Random random, int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        for (int i = 0; i < count; i++)
        {
            int other = i + random.Next(count - i);
            (order[i], order[other]) = (order[other], order[i]);
        }
        return order;
    }
}

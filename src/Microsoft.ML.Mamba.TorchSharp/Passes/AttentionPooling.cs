namespace Microsoft.ML.Mamba.TorchSharp.Passes;

/// <summary>
/// Attention pooling, a softmax-weighted mean, out of maxima and means over sequences: <c>sum of e h / sum of e</c> with <c>e = exp(s - max s)</c> and
/// <c>s = query . h / sqrt(channels)</c>. Every sum keeps its order from run to run.
/// </summary>
/// <param name="Weighted">Mean of e h, [sequences, channels].</param>
/// <param name="Weight">Mean of e, [sequences, 1].</param>
/// <param name="Largest">The largest score, [sequences, 1]; no gradient flows to it, since it makes no difference.</param>
internal readonly record struct AttentionPooling(Tensor Weighted, Tensor Weight, Tensor Largest)
{
    public Tensor Pooled => Weighted / Weight;

    /// <param name="hidden">[T, channels].</param>
    /// <param name="query">[channels].</param>
    /// <param name="segments">The sequence of each token, [T].</param>
    /// <param name="pool">Pools a matrix by a kind.</param>
    public static AttentionPooling Of(Tensor hidden, Tensor query, Tensor segments, Func<Tensor, MambaPooling, Tensor> pool)
    {
        Tensor wide = hidden.to(ScalarType.Float32);
        Tensor scores = (wide.mv(query) / Math.Sqrt(query.shape[0])).unsqueeze(1);
        Tensor largest = pool(scores.detach().contiguous(), MambaPooling.Max);
        Tensor exponentials = (scores - largest.index_select(0, segments)).exp();
        return new AttentionPooling(pool(wide * exponentials, MambaPooling.Mean), pool(exponentials.contiguous(), MambaPooling.Mean), largest);
    }
}

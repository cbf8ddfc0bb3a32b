namespace Microsoft.ML.Mamba;

/// <summary>How a classifier reduces a sequence's hidden states <c>[length, DModel]</c> to one vector <c>[DModel]</c>.</summary>
public enum MambaPooling
{
    /// <summary>The last token's state.</summary>
    Last = 0,

    /// <summary>The mean over the tokens.</summary>
    Mean = 1,

    /// <summary>The maximum over the tokens, channel by channel.</summary>
    Max = 2,

    /// <summary>The first token's state; meaningful for bidirectional models.</summary>
    First = 3,

    /// <summary>A softmax-weighted mean: weights softmax over t of <c>q . h[t] / sqrt(DModel)</c> with a learned query q.</summary>
    Attention = 4,
}

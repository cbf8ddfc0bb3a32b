namespace Microsoft.ML.Mamba;

/// <summary>What a model puts out for a batch.</summary>
public enum MambaHead
{
    /// <summary>The normalised hidden states, <c>[tokens, DModel]</c>.</summary>
    None = 0,

    /// <summary>One row of class logits a sequence, <c>[sequences, NumClasses]</c>.</summary>
    Classification = 1,

    /// <summary>One row of vocabulary logits a token, <c>[tokens, VocabSize]</c>.</summary>
    LanguageModel = 2,
}

namespace Microsoft.ML.Mamba.EngineConformance.Reference;

/// <summary>Factors of inverted dropout, by index into the packed activations; 1 everywhere unless set.</summary>
public sealed class ReferenceDropout
{
    /// <summary>Factor of a token's embedding or of a frame, by its index in the batch.</summary>
    public Func<int, double> Input { get; init; } = _ => 1;

    /// <summary>Factor of a token's whole input, by token.</summary>
    public Func<int, double> Token { get; init; } = _ => 1;

    /// <summary>Factor of an element of the embedding, by token x DModel + channel.</summary>
    public Func<int, double> Embedding { get; init; } = _ => 1;

    /// <summary>Factor of an element of a block's output, by layer and token x DModel + channel.</summary>
    public Func<int, int, double> Block { get; init; } = (_, _) => 1;

    /// <summary>Factor of an element of the pooled vector, by sequence x DModel + channel.</summary>
    public Func<int, double> Head { get; init; } = _ => 1;
}

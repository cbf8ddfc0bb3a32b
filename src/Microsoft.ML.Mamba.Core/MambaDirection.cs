namespace Microsoft.ML.Mamba;

/// <summary>In which direction, or directions, the blocks read a sequence.</summary>
/// <remarks>
/// Both bidirectional kinds share in_proj, the gate and out_proj between the directions, whose results are added before the gate;
/// they cannot be streamed token by token.
/// </remarks>
public enum MambaDirection
{
    /// <summary>From the first token to the last: causal, can be streamed.</summary>
    Forward = 0,

    /// <summary>Both directions with the same convolution, projections, A and D.</summary>
    BidirectionalTied = 1,

    /// <summary>Both directions, the reversed one with its own convolution, x_proj, dt_proj, A and D.</summary>
    BidirectionalSeparate = 2,
}

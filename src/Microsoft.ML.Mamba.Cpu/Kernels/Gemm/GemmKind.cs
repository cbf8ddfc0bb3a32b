namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Which operands of a product <c>C [m, n] = op(A) op(B)</c> are stored transposed. k is the length of the inner products.</summary>
internal enum GemmKind
{
    /// <summary>A is [m, k], B is [k, n]: a linear layer's input gradient, <c>gradX = gradY W</c>.</summary>
    NN,

    /// <summary>A is [m, k], B is [n, k]: a linear layer, <c>Y = X W^T</c>.</summary>
    NT,

    /// <summary>A is [k, m], B is [k, n]: a linear layer's weight gradient, <c>gradW += gradY^T X</c>, with k the number of tokens.</summary>
    TN,
}

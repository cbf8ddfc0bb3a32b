namespace Microsoft.ML.Mamba.TorchSharp.Tests.Contract;

/// <summary>Each operator once, by numbers that are exact.</summary>
public sealed class OperatorTests : TorchContract
{
    private static readonly float[,] Numbers = { { 1, 2, 3 }, { 4, 5, 6 } };

    [Fact]
    public void Arithmetic_IsElementByElement()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor left = Vector(6, 8), right = Vector(2, 4);
        Assert.Equal([8f, 12f], Values(left + right));
        Assert.Equal([4f, 4f], Values(left - right));
        Assert.Equal([12f, 32f], Values(left * right));
        Assert.Equal([3f, 2f], Values(left / right));
        Assert.Equal([3f, 4f], Values(left * 0.5f));
        Assert.Equal([12f, 16f], Values(left * 2.0));
        Assert.Equal([1.5f, 2f], Values(left / 4.0));
        Assert.Equal([2f, 3f], Values(Vector(4, 9).sqrt()));
        Assert.Equal([1f, 1f], Values(torch.zeros_like(left).exp()));
        Assert.Equal([1f], Values(torch.zeros(1L).exp_()));
        Assert.Equal([6f, 9f], Values(torch.maximum(left, Vector(5, 9))));
        Assert.Equal([0f, 1f], Values(left.ge(7)));
        Assert.Equal([26f, 64f], Values(left.clone().addcmul_(left.add_(-1), right, 2)));
        Assert.Equal([5f, 7f], Values(left));
        Assert.Equal([9f, 9f], Values(left.fill_(9)));
        Assert.Equal([0f, 0f], Values(left.zero_()));
    }

    [Fact]
    public void Products_AreOfMatrices()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor matrix = Matrix(Numbers);
        Assert.Equal([14f, 32f, 32f, 77f], Values(matrix.mm(matrix.t())));
        Assert.Equal([14f, 32f], Values(matrix.mv(Vector(1, 2, 3))));
        Assert.Equal([15f, 33f, 33f, 78f], Values(Matrix(new float[,] { { 1, 1 }, { 1, 1 } }).addmm_(matrix, matrix.t())));
        Assert.Equal([14f, 32f], Values(torch.nn.functional.linear(Matrix(new float[,] { { 1, 2, 3 } }), matrix)));
        Assert.Equal([15f, 34f], Values(torch.nn.functional.linear(Matrix(new float[,] { { 1, 2, 3 } }), matrix, Vector(1, 2))));
    }

    [Fact]
    public void Sums_AreAlongADimensionOrOfAll()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor matrix = Matrix(Numbers);
        Assert.Equal([21f], Values(matrix.sum()));
        Assert.Equal([5f, 7f, 9f], Values(matrix.sum(0L)));
        Assert.Equal([2L, 1L], matrix.sum(1, keepdim: true).shape);
        Assert.Equal(torch.ScalarType.Float64, matrix.sum(1, type: torch.ScalarType.Float64).dtype);
        Assert.Equal(torch.ScalarType.Int64, torch.tensor([1L, 2L]).sum().dtype);
        torch.Tensor shares = torch.nn.functional.log_softmax(torch.tensor([1.0, 1.0]), 0);
        Assert.Equal(-Math.Log(2), shares[1].item<double>(), 15);
    }

    [Fact]
    public void Rows_AreChosenAddedAndStacked()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor matrix = Matrix(Numbers), rows = torch.tensor([1L, 1L]);
        Assert.Equal([4f, 5f, 6f, 4f, 5f, 6f], Values(matrix.index_select(0, rows)));
        Assert.Equal([3f, 4f], Values(matrix.gather(1, torch.tensor([2L, 0L]).unsqueeze(1)).squeeze(1)));
        Assert.Equal([1f, 2f, 3f, 14f, 19f, 24f], Values(matrix.clone().index_add_(0, rows, matrix, 2)));
        Assert.Equal([1f, 2f, 3f, 9f, 12f, 15f], Values(matrix.clone().index_put_(matrix, [rows], accumulate: true)));
        Assert.Equal([0f, 1f, 0f, 0f, 0f, 1f], Values(torch.nn.functional.one_hot(torch.tensor([1L, 2L]), 3)));
        Assert.Equal([2L, 2L, 3L], torch.stack([matrix, matrix]).shape);
        Assert.Equal([3L], torch.stack([matrix, matrix])[0].narrow(0, 1, 1).squeeze().shape);
    }

    [Fact]
    public void Bits_AreThoseOfSignedNumbers()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor numbers = torch.arange(-2, 2, dtype: torch.ScalarType.Int32);
        Assert.Equal([-1f, -1f, 0f, 0f], Values(numbers.bitwise_right_shift(torch.tensor(1, dtype: torch.ScalarType.Int32))));
        Assert.Equal([-1f, -2f, 1f, 0f], Values(numbers.bitwise_xor_(torch.tensor(1, dtype: torch.ScalarType.Int32))));
        Assert.Equal([1f, 0f, 1f, 0f], Values(numbers.bitwise_and_(torch.tensor(1, dtype: torch.ScalarType.Int32))));
        Assert.Equal(unchecked(int.MaxValue * 3), torch.tensor(int.MaxValue, dtype: torch.ScalarType.Int32).mul_(3).item<int>());
    }
}

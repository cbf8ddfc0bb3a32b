using System.Runtime.InteropServices;
using Microsoft.ML.Mamba.TorchSharp.Native;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Contract;

public sealed class TensorTests : TorchContract
{
    [Fact]
    public void DisposedTensor_IsRefusedAsAnInvalidOperation()
    {
        torch.Tensor gone = Vector(1), other = Vector(1);
        gone.Dispose();
        Assert.True(gone.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => gone.Handle);
        Assert.Throws<InvalidOperationException>(() => gone.shape);
        Assert.Throws<InvalidOperationException>(() => gone + other);
        Assert.Throws<InvalidOperationException>(() => other.copy_(gone));
        other.Dispose();
    }

    [Fact]
    public void ErrorOfTorch_IsAnExternalExceptionWithItsWords()
    {
        using torch.Tensor left = Matrix(new float[2, 3]), right = Matrix(new float[2, 3]), whole = torch.tensor([1L, 2L]);
        Refuses<ExternalException>("shapes cannot be multiplied", () => left.mm(right));
        Refuses<ExternalException>("floating point", () => whole.requires_grad_(true));
        Refuses<ExternalException>("grad", left.backward);
        // The error is told once.
        using torch.Tensor sum = left + right;
        Assert.Equal([2L, 3L], sum.shape);
    }

    [Fact]
    public void Memory_ThatThereIsNot_IsAnExternalExceptionThatSaysSo()
    {
        Exception error = Assert.Throws<ExternalException>(() => torch.empty(1L << 50, dtype: torch.ScalarType.Byte));
        Assert.True(DeviceMemory.IsExhausted(error), error.Message);
    }

    [Fact]
    public void EachHandle_IsCountedAndDisposedByItself()
    {
        Assert.Equal(0, Counted(() =>
        {
            torch.Tensor values = Vector(1, 2);
            torch.Tensor[] others =
                [values.cpu(), values.detach(), values.contiguous(), values.to(torch.ScalarType.Float32), values.view(2, 1)];
            nint memory = TensorMemory.Pointer(values);
            values.Dispose();
            Assert.All(others, other => Assert.Equal(memory, TensorMemory.Pointer(other)));
            Assert.All(others, other => Assert.Equal([1f, 2f], TensorMemory.Floats(other).ToArray()));
            foreach (torch.Tensor other in others)
                other.Dispose();
        }));
        torch.Tensor counted = null!;
        Assert.Equal(1, Counted(() => counted = Vector(1)));
        Assert.Equal(1, Counted(() => counted.cpu().DetachFromDisposeScope()));
        counted.Dispose();
    }

    [Fact]
    public void Array_IsCopied()
    {
        double[] values = [1, 2];
        using torch.Tensor tensor = torch.tensor(values, dtype: torch.ScalarType.Float64);
        values[0] = 7;
        Assert.Equal(1, tensor[0].item<double>());
        Assert.Equal(torch.ScalarType.Float64, tensor.dtype);
        Assert.Equal(DeviceType.CPU, tensor.device.type);
    }

    [Fact]
    public void Item_WantsOneElementOfTheType()
    {
        using torch.Tensor one = torch.tensor(3.0), two = Vector(1, 2);
        Assert.Equal(3, one.item<double>());
        Assert.Equal(torch.ScalarType.Int64, torch.tensor(3L).dtype);
        Assert.Equal(0, one.dim());
        Assert.Throws<ArgumentException>(() => one.item<float>());
        Assert.Throws<ArgumentException>(() => two.item<float>());
    }

    [Fact]
    public void Shape_AndStridesAreTheViews()
    {
        using torch.Tensor matrix = torch.zeros(2, 3, 4);
        using torch.Tensor part = matrix.narrow(2, 1, 2), turned = matrix[0].t();
        Assert.Equal([2L, 3L, 2L], part.shape);
        Assert.Equal(12, part.numel());
        Assert.Equal((12L, 4L, 1L), (part.stride(0), part.stride(1), part.stride(2)));
        Assert.Equal((1L, 4L), (turned.stride(0), turned.stride(1)));
        Assert.Equal(TensorMemory.Pointer(matrix) + sizeof(float), TensorMemory.Pointer(part));
        Assert.Equal(torch.ScalarType.Float32, matrix.dtype);
    }

    [Fact]
    public void WritingOperators_GiveTheirOwnTensorBack()
    {
        using torch.Tensor values = Vector(1, 2);
        Assert.Equal(0, Counted(() => Assert.Same(values, values.mul_(2).add_(1).neg_().requires_grad_(false))));
        Assert.Equal([-3f, -5f], Values(values));
        Assert.Same(values, values.copy_(torch.tensor([7L, 8L])));
        Assert.Equal([7f, 8f], Values(values));
    }
}

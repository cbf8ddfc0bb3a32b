namespace Microsoft.ML.Mamba.TorchSharp.Tests.Contract;

/// <summary>What the stand-in refuses, or does where the real package would end the process. Compiled with the stand-in only.</summary>
public sealed class StandInTests : TorchContract
{
    private static readonly torch.Device Gpu = new(DeviceType.CUDA, 0);

    [Fact]
    public void WhatIsNotCovered_IsRefused()
    {
        using torch.Tensor values = Vector(1);
        Assert.False(torch.cuda.is_available());
        Assert.Equal(0, torch.cuda.device_count());
        Func<object>[] refused =
        [
            () => torch.empty(1L, device: Gpu), () => torch.zeros_like(values, device: Gpu), () => torch.tensor(1L, device: Gpu),
            () => torch.tensor(1.0, device: Gpu), () => torch.tensor([1.0], device: Gpu), () => torch.arange(0, 1, device: Gpu),
            () => values.to(Gpu),
        ];
        Assert.All(refused, action => Refuses<NotSupportedException>("CUDA", action));
        Refuses<NotSupportedException>("dimensions", () => torch.empty(1L, names: ["a"]));
        using Whole whole = new(), part = new();
        Refuses<NotSupportedException>("RegisterComponents", () => whole.register_module("part", part));
        Refuses<NotSupportedException>("part", () => whole.register_module("part", null));
    }

    [Fact]
    public void FailureOfABackwardFunction_ComesOutOfBackward()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor values = Vector(1).requires_grad_(true);
        torch.Tensor result = Failing.apply(values, new InvalidDataException("of the test"));
        Assert.Equal("of the test", Assert.Throws<InvalidDataException>(result.backward).Message);
        Refuses<NotImplementedException>("Failing must give", Failing.apply(values, null!).backward);
        (values * 2.0).sum().backward();
        Assert.Equal([2f], Values(values.grad!));
    }

    private sealed class Whole() : torch.nn.Module("whole");

    private sealed class Failing : torch.autograd.SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("error", vars[1]);
            return ((torch.Tensor)vars[0]).clone();
        }

        // The second argument is no tensor and can have no gradient.
        public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output) =>
            ctx.get_data("error") is Exception error ? throw error : [grad_output, grad_output];
    }
}

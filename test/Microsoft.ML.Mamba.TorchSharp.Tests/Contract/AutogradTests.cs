namespace Microsoft.ML.Mamba.TorchSharp.Tests.Contract;

public sealed class AutogradTests : TorchContract
{
    [Fact]
    public void GradMode_IsNestedAndComesBack()
    {
        using torch.Tensor values = Vector(1).requires_grad_(true);
        Assert.True((values * 2.0).requires_grad);
        using (torch.no_grad())
        {
            Assert.False((values * 2.0).requires_grad);
            using (torch.enable_grad())
                Assert.True((values * 2.0).requires_grad);
            Assert.False((values * 2.0).requires_grad);
        }

        Assert.True((values * 2.0).requires_grad);
        Assert.False((values * 2.0).detach().requires_grad);
    }

    [Fact]
    public void Gradient_IsAddedToTheTensorThatWasSet()
    {
        using torch.Tensor values = Vector(1, 2).requires_grad_(true), gathered = Vector(10, 20);
        Assert.Null(values.grad);
        values.grad = gathered;
        (values * 3.0).sum().backward();
        Assert.Equal([13f, 23f], Values(gathered));
        Assert.NotSame(values.grad, values.grad);
        values.grad = null;
        (values * 3.0).sum().backward();
        Assert.Equal([3f, 3f], Values(values.grad!));
        Assert.Equal([13f, 23f], Values(gathered));
    }

    [Fact]
    public void Function_GivesGradientsOfItsTensorsOnly()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor left = Vector(2, 3).requires_grad_(true), right = Vector(5, 7).requires_grad_(true), idle = Vector(1, 1);
        var log = new Log();
        torch.Tensor product = Product.apply(left, log, null!, right, idle);
        Assert.Equal(["forward without history"], log.Lines);
        Assert.True(product.requires_grad);
        (product * 2.0).sum().backward();
        Assert.Equal(["forward without history", "backward of 2"], log.Lines);
        Assert.Equal([10f, 14f], Values(left.grad!));
        Assert.Equal([4f, 6f], Values(right.grad!));
        Assert.Null(idle.grad);
    }

    [Fact]
    public void Function_WithoutHistory_KeepsNothing()
    {
        using torch.Tensor left = Vector(2).requires_grad_(true), right = Vector(5);
        using (torch.no_grad())
            Assert.False(Product.apply(left, new Log(), null!, right, right).requires_grad);
        using torch.Tensor product = Product.apply(right, new Log(), null!, right, right);
        Assert.False(product.requires_grad);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GradientThatNothingFlowedTo_IsInvalidOrZero(bool materializes)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor values = Vector(1, 2).requires_grad_(true);
        var log = new Log();
        List<torch.Tensor> halves = Halves.apply(values, log, materializes);
        Assert.Equal(2, halves.Count);
        halves[1].sum().backward();
        Assert.Equal([materializes ? "0, 0" : "none", "1, 1"], log.Lines);
        Assert.Equal([0.5f, 0.5f], Values(values.grad!));
    }

    [Fact]
    public void Function_WithoutAGradient_EndsTheFlow()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor values = Vector(1, 2).requires_grad_(true);
        Halves.apply(values, new Log(), false, "ends")[0].sum().backward();
        Assert.Null(values.grad);
    }

    [Fact]
    public void Context_IsLetGoWithTheGraph()
    {
        WeakReference data = Run();
        for (int i = 0; i < 3 && data.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(data.IsAlive);

        static WeakReference Run()
        {
            using DisposeScope scope = torch.NewDisposeScope();
            var log = new Log();
            Product.apply(Vector(1).requires_grad_(true), log, null!, Vector(2), Vector(3)).sum().backward();
            return new WeakReference(log);
        }
    }

    private sealed class Log
    {
        public List<string> Lines { get; } = [];
    }

    private sealed class Product : torch.autograd.SingleTensorFunction<Product>
    {
        public override string Name => nameof(Product);

        public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
        {
            var (left, log, right) = ((torch.Tensor)vars[0], (Log)vars[1], (torch.Tensor)vars[3]);
            ctx.save_data("log", log);
            ctx.save_data("factors", new[] { left.detach(), right.detach() });
            torch.Tensor product = left * right;
            log.Lines.Add(product.requires_grad ? "forward with history" : "forward without history");
            return product;
        }

        public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
        {
            var factors = (torch.Tensor[])ctx.get_data("factors");
            ((Log)ctx.get_data("log")).Lines.Add($"backward of {grad_output.numel()}");
            return [grad_output * factors[1], null!, null!, grad_output * factors[0], null!];
        }
    }

    private sealed class Halves : torch.autograd.MultiTensorFunction<Halves>
    {
        public override string Name => nameof(Halves);

        public override List<torch.Tensor> forward(torch.autograd.AutogradContext ctx, params object[] vars)
        {
            var (values, log, materializes) = ((torch.Tensor)vars[0], (Log)vars[1], (bool)vars[2]);
            if (!materializes)
                ctx.set_materialize_grads(false);
            ctx.save_data("log", log);
            ctx.save_data("arguments", vars.Length);
            return [values * 0.5, values * 0.5];
        }

        public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, List<torch.Tensor> grad_outputs)
        {
            IEnumerable<string> texts = grad_outputs.Select(gradient => gradient.IsInvalid ? "none" : string.Join(", ", Values(gradient)));
            ((Log)ctx.get_data("log")).Lines.AddRange(texts);
            return (int)ctx.get_data("arguments") == 3 ? [grad_outputs[1] * 0.5, null!, null!] : [null!, null!, null!, null!];
        }
    }
}

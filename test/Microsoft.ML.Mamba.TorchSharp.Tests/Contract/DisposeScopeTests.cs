using Parameter = global::TorchSharp.Modules.Parameter;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Contract;

public sealed class DisposeScopeTests : TorchContract
{
    [Fact]
    public void Scope_DisposesWhatItsThreadMadeInIt()
    {
        using torch.Tensor before = Vector(1);
        torch.Tensor inner, other = before;
        using (torch.NewDisposeScope())
        {
            inner = before + before;
            var thread = new Thread(() => other = Vector(2));
            thread.Start();
            thread.Join();
        }

        Assert.True(inner.IsInvalid);
        Assert.False(before.IsInvalid);
        Assert.False(other.IsInvalid);
        other.Dispose();
    }

    [Fact]
    public void MoveToOuter_GoesOneScopeOut()
    {
        torch.Tensor moved, movedTwice;
        using (torch.NewDisposeScope())
        {
            using (torch.NewDisposeScope())
            {
                moved = Vector(1).MoveToOuterDisposeScope();
                movedTwice = Vector(2).MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            }

            Assert.False(moved.IsInvalid);
        }

        Assert.True(moved.IsInvalid);
        Assert.False(movedTwice.IsInvalid);
        movedTwice.Dispose();
    }

    [Fact]
    public void Detached_OutlivesAllScopes()
    {
        torch.Tensor detached;
        using (torch.NewDisposeScope())
        {
            using (torch.NewDisposeScope())
                detached = Vector(1).DetachFromDisposeScope();
        }

        Assert.Equal([1f], Values(detached));
        detached.Dispose();
    }

    [Fact]
    public void OuterScopeThatEndsFirst_LeavesTheInnerOne()
    {
        using DisposeScope outermost = torch.NewDisposeScope();
        DisposeScope outer = torch.NewDisposeScope();
        torch.Tensor ofOuter = Vector(1);
        DisposeScope inner = torch.NewDisposeScope();
        torch.Tensor ofInner = Vector(2), moved = Vector(3);
        outer.Dispose();
        Assert.True(ofOuter.IsInvalid);
        Assert.False(ofInner.IsInvalid);
        torch.Tensor late = Vector(4);
        moved.MoveToOuterDisposeScope();
        inner.Dispose();
        Assert.True(ofInner.IsInvalid);
        Assert.True(late.IsInvalid);
        Assert.False(moved.IsInvalid);
        outermost.Dispose();
        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void DisposedEarly_IsNotDisposedAgain()
    {
        Assert.Equal(0, Counted(() =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor tensor = Vector(1);
            tensor.Dispose();
            tensor.Dispose();
        }));
    }

    [Fact]
    public void Parameter_TakesTheHandleAndThePlaceInTheScope()
    {
        Parameter parameter = null!, kept = null!;
        torch.Tensor data = null!;
        // The handle that the tensor gave away goes on being counted.
        Assert.Equal(2, Counted(() =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            data = Vector(1, 2);
            parameter = new Parameter(data, requires_grad: true);
            Assert.True(parameter.requires_grad);
            kept = new Parameter(Vector(3), requires_grad: false);
            kept.DetachFromDisposeScope();
            Assert.True(data.IsInvalid);
            Assert.Equal([1f, 2f], Values(parameter.detach()));
            Assert.False(kept.requires_grad);
            kept.Dispose();
        }));
        Assert.True(parameter.IsInvalid);
    }
}

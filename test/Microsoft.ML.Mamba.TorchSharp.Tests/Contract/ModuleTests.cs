using Parameter = global::TorchSharp.Modules.Parameter;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Contract;

public sealed class ModuleTests : TorchContract
{
    [Fact]
    public void Parameters_HaveTheNamesOfTheirParts()
    {
        using var whole = new Part();
        var inner = new Part();
        Parameter own = New(1), shared = New(2);
        inner.Add("weight", shared);
        inner.Add("bias", New(3));
        whole.Add("own", own);
        whole.Add("inner", inner);
        whole.Add("again", shared);
        Assert.Equal(1, inner.Registered);
        Assert.Equal(["own", "again", "inner.bias"], whole.named_parameters().Select(item => item.name));
        Assert.Equal(["own", "again"], whole.named_parameters(recurse: false).Select(item => item.name));
    }

    [Fact]
    public void Names_AreUsedOnce()
    {
        using var module = new Part();
        module.Add("weight", New(1));
        module.Add("part", new Part());
        using Parameter other = New(2);
        Assert.Throws<InvalidOperationException>(() => module.Add("weight", other));
        Assert.Throws<InvalidOperationException>(() => module.Add("part", new Part()));
        Assert.Throws<ArgumentException>(() => module.Add("a.b", new Part()));
        other.Dispose();
        Assert.Throws<ArgumentNullException>(() => module.Add("gone", other));
    }

    [Fact]
    public void Dispose_TakesThePartsAndTheirParameters()
    {
        var module = new Part();
        var inner = new Part();
        Parameter parameter = New(1);
        inner.Add("weight", parameter);
        module.Add("inner", inner);
        module.Dispose();
        Assert.True(parameter.IsInvalid);
        Assert.Empty(module.named_parameters());
        module.Dispose();
    }

    private static Parameter New(double value) => new(Vector(value), requires_grad: false);

    private sealed class Part() : torch.nn.Module("part")
    {
        public int Registered { get; private set; }

        public void Add(string name, Parameter parameter) => register_parameter(name, parameter);

        public void Add(string name, Part part) => register_module(name, part);

        protected override void RegisterComponents() => Registered++;
    }
}

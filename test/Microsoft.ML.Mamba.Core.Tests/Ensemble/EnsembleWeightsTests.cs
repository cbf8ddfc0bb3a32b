namespace Microsoft.ML.Mamba.Ensemble;

public class EnsembleWeightsTests
{
    [Fact]
    public void Split_UndoesJoin()
    {
        MambaWeights[] members = [.. Enumerable.Range(0, 12).Select(m => new MambaWeights { new MambaTensor("a.b", [2], [m, -m]), new MambaTensor("c", [], [m]) })];
        MambaWeights joined = EnsembleWeights.Join(members);
        Assert.Equal(24, joined.Count);
        Assert.Equal([11f, -11f], joined["members.11.a.b"].Values);
        IReadOnlyList<MambaWeights> split = EnsembleWeights.Split(joined, 12);
        for (int m = 0; m < 12; m++)
        {
            Assert.Equal(["a.b", "c"], split[m].Select(tensor => tensor.Name));
            Assert.Same(members[m]["a.b"].Values, split[m]["a.b"].Values);
        }
    }

    [Fact]
    public void OneMember_KeepsItsNames()
    {
        var weights = new MambaWeights { new MambaTensor("w", [1], [1]) };
        Assert.Same(weights, EnsembleWeights.Join([weights]));
        Assert.Same(weights, EnsembleWeights.Split(weights, 1)[0]);
    }

    [Theory]
    [InlineData("w")]
    [InlineData("members.w")]
    [InlineData("members.2.w")]
    [InlineData("members.-1.w")]
    [InlineData("members. 1.w")]
    [InlineData("members.1w")]
    [InlineData("members.99999999999.w")]
    [InlineData("Members.1.w")]
    public void OthersTensors_AreNamed(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => EnsembleWeights.Split(new MambaWeights { new MambaTensor(name, [1], [1]) }, 2));
        Assert.Contains($"'{name}' belongs to none of the 2 members", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("members.1.")]
    [InlineData("members.01.w")]
    public void NamesThatAreNone_AreRefused(string name) => Assert.ThrowsAny<ArgumentException>(() =>
        EnsembleWeights.Split(new MambaWeights { new MambaTensor("members.1.w", [1], [1]), new MambaTensor(name, [1], [1]) }, 2));
}

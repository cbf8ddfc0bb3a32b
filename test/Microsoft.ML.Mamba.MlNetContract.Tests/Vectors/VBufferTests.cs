namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class VBufferTests
{
    private static VBuffer<float> Sparse() => new(5, 2, [10f, 30f], [1, 3]);

    [Fact]
    public void Default_IsAnEmptyDenseVector()
    {
        VBuffer<float> empty = default;

        Assert.Equal(0, empty.Length);
        Assert.True(empty.IsDense);
        Assert.Equal(0, empty.GetValues().Length);
        Assert.Empty(empty.DenseValues());
    }

    [Fact]
    public void Dense_KeepsTheArrayWithoutCopying()
    {
        float[] values = [1, 2, 3];
        var vector = new VBuffer<float>(3, values);
        values[1] = 20;

        Assert.True(vector.IsDense);
        Assert.Equal([1f, 20f, 3f], vector.GetValues().ToArray());
        Assert.Equal(0, vector.GetIndices().Length);
    }

    [Fact]
    public void Dense_MayBeShorterThanItsArray() =>
        Assert.Equal([1f, 2f], new VBuffer<float>(2, [1, 2, 3]).GetValues().ToArray());

    [Fact]
    public void Sparse_ListsExplicitValuesAndFillsTheRestWithDefault()
    {
        VBuffer<float> vector = Sparse();

        Assert.False(vector.IsDense);
        Assert.Equal(5, vector.Length);
        Assert.Equal([10f, 30f], vector.GetValues().ToArray());
        Assert.Equal([1, 3], vector.GetIndices().ToArray());
        Assert.Equal([0f, 10f, 0f, 30f, 0f], vector.DenseValues());
    }

    [Fact]
    public void SparseWithAllValues_IsDense() =>
        Assert.True(new VBuffer<float>(2, 2, [1, 2], [0, 1]).IsDense);

    [Fact]
    public void Items_GivesExplicitOrAllPositions()
    {
        Assert.Equal([new(1, 10f), new(3, 30f)], Sparse().Items());
        Assert.Equal([new(0, 0f), new(1, 10f), new(2, 0f), new(3, 30f), new(4, 0f)], Sparse().Items(all: true));
    }

    [Fact]
    public void GetItemOrDefault_LooksUpPositions()
    {
        Assert.Equal(30f, Sparse().GetItemOrDefault(3));
        Assert.Equal(0f, Sparse().GetItemOrDefault(2));
        Assert.Equal(2f, new VBuffer<float>(2, [1, 2]).GetItemOrDefault(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sparse().GetItemOrDefault(5));
    }

    [Fact]
    public void CopyToSpan_FillsGaps()
    {
        var target = new float[6];
        Array.Fill(target, -1f);
        Sparse().CopyTo(target);
        Assert.Equal([0f, 10f, 0f, 30f, 0f, -1f], target);

        Array.Fill(target, -1f);
        Sparse().CopyTo(target, 1, defaultValue: 7f);
        Assert.Equal([-1f, 7f, 10f, 7f, 30f, 7f], target);
    }

    [Fact]
    public void CopyToVector_IsDeepKeepsSparsityAndReusesTheTargetsArrays()
    {
        var reused = new float[8];
        var target = new VBuffer<float>(8, reused);
        Sparse().CopyTo(ref target);

        Assert.False(target.IsDense);
        Assert.Equal([0f, 10f, 0f, 30f, 0f], target.DenseValues());
        Assert.Equal([10f, 30f], reused[..2]);
    }

    [Fact]
    public void CopyToDense_GivesADenseVector()
    {
        VBuffer<float> target = default;
        Sparse().CopyToDense(ref target);

        Assert.True(target.IsDense);
        Assert.Equal([0f, 10f, 0f, 30f, 0f], target.GetValues().ToArray());
    }

    [Fact]
    public void CopyRange_CopiesAPart()
    {
        VBuffer<float> target = default;
        Sparse().CopyTo(ref target, 2, 3);

        Assert.Equal(3, target.Length);
        Assert.Equal([0f, 30f, 0f], target.DenseValues());
    }

    [Fact]
    public void CopyFromArray_MakesADenseCopy()
    {
        float[] source = [1, 2, 3, 4];
        VBuffer<float> target = default;
        VBuffer<float>.Copy(source, 1, ref target, 2);
        source[1] = 9;

        Assert.Equal([2f, 3f], target.GetValues().ToArray());
    }

    [Fact]
    public void Constructors_RejectArraysThatAreTooShort()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<float>(4, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<float>(-1, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<float>(5, 3, [1, 2, 3], [0, 1]));
    }
}

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class VBufferEditorTests
{
    [Fact]
    public void Create_GivesADenseEditorByDefault()
    {
        VBuffer<float> vector = default;
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, 3);
        editor.Values[0] = 1;
        editor.Values[1] = 2;
        editor.Values[2] = 3;
        vector = editor.Commit();

        Assert.True(editor.CreatedNewValues);
        Assert.True(vector.IsDense);
        Assert.Equal([1f, 2f, 3f], vector.GetValues().ToArray());
    }

    [Fact]
    public void Create_ReusesAnArrayThatIsLongEnough()
    {
        var array = new float[4];
        var vector = new VBuffer<float>(4, array);
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, 2);
        editor.Values[0] = 5;
        editor.Values[1] = 6;
        vector = editor.Commit();

        Assert.False(editor.CreatedNewValues);
        Assert.Equal([5f, 6f], array[..2]);
        Assert.Equal(2, vector.Length);
    }

    [Fact]
    public void Create_GrowsAnArrayThatIsTooShort()
    {
        var vector = new VBuffer<float>(2, new float[2]);
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, 3);

        Assert.True(editor.CreatedNewValues);
        Assert.Equal(3, editor.Values.Length);
        Assert.Equal(3, editor.Commit().Length);
    }

    [Fact]
    public void CreateSparse_CommitsIndicesAndValues()
    {
        VBuffer<float> vector = default;
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, 6, 2);
        editor.Values[0] = 1;
        editor.Values[1] = 2;
        editor.Indices[0] = 0;
        editor.Indices[1] = 5;
        vector = editor.Commit();

        Assert.False(vector.IsDense);
        Assert.Equal([1f, 0f, 0f, 0f, 0f, 2f], vector.DenseValues());
    }

    [Fact]
    public void CommitTruncated_DropsTheTail()
    {
        VBuffer<float> vector = default;
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, 6, 3);
        editor.Values[0] = 1;
        editor.Indices[0] = 2;
        vector = editor.CommitTruncated(1);

        Assert.Equal([0f, 0f, 1f, 0f, 0f, 0f], vector.DenseValues());
        Assert.Equal(1, vector.GetValues().Length);
    }

    [Fact]
    public void CreateFromBuffer_EditsInPlace()
    {
        var array = new float[] { 1, 2, 3 };
        var vector = new VBuffer<float>(3, array);
        VBufferEditor<float> editor = VBufferEditor.CreateFromBuffer(ref vector);
        editor.Values[1] = 20;

        Assert.Equal([1f, 20f, 3f], editor.Commit().GetValues().ToArray());
        Assert.Equal(20f, array[1]);
    }

    [Fact]
    public void KeepOldOnResize_CopiesTheOldValues()
    {
        var vector = new VBuffer<float>(2, [1, 2]);
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, 4, keepOldOnResize: true);

        Assert.Equal([1f, 2f], editor.Values[..2].ToArray());
    }
}

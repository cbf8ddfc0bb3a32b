namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class SchemaTests
{
    private static DataViewSchema TwoColumnsOfOneName()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("B", TextDataViewType.Instance);
        builder.AddColumn("A", NumberDataViewType.Int32);
        return builder.ToSchema();
    }

    [Fact]
    public void Name_GivesTheLastColumnOfThatName()
    {
        DataViewSchema schema = TwoColumnsOfOneName();

        Assert.Equal(2, schema["A"].Index);
        Assert.Equal(2, schema.GetColumnOrNull("A")!.Value.Index);
        Assert.Equal(NumberDataViewType.Int32, schema["A"].Type);
    }

    [Fact]
    public void EarlierColumnOfTheSameName_IsHiddenButReachableByIndex()
    {
        DataViewSchema schema = TwoColumnsOfOneName();

        Assert.Equal(3, schema.Count);
        Assert.Equal([true, false, false], schema.Select(column => column.IsHidden));
        Assert.Equal(["A", "B", "A"], schema.Select(column => column.Name));
        Assert.Equal(NumberDataViewType.Single, schema[0].Type);
    }

    [Fact]
    public void UnknownName_GivesNullOrThrows()
    {
        DataViewSchema schema = TwoColumnsOfOneName();

        Assert.Null(schema.GetColumnOrNull("C"));
        Assert.Null(schema.GetColumnOrNull("a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => schema["C"]);
    }

    [Fact]
    public void IndexOutsideTheSchema_Throws()
    {
        DataViewSchema schema = TwoColumnsOfOneName();

        Assert.Throws<ArgumentOutOfRangeException>(() => schema[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => schema[-1]);
    }

    [Fact]
    public void Builder_CopiesColumnsWithTheirAnnotationsAndHidesAgain()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("Note", NumberDataViewType.Int32, 7);
        var first = new DataViewSchema.Builder();
        first.AddColumn("A", NumberDataViewType.Single, annotations.ToAnnotations());

        var second = new DataViewSchema.Builder();
        second.AddColumns(first.ToSchema());
        second.AddColumn("A", NumberDataViewType.Double);
        DataViewSchema schema = second.ToSchema();

        int note = 0;
        schema[0].Annotations.GetValue("Note", ref note);
        Assert.Equal(7, note);
        Assert.True(schema[0].IsHidden);
    }

    [Fact]
    public void Builder_TakesDetachedColumns()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns([new DataViewSchema.DetachedColumn("X", BooleanDataViewType.Instance), new DataViewSchema.DetachedColumn(TwoColumnsOfOneName()[1])]);
        DataViewSchema schema = builder.ToSchema();

        Assert.Equal(["X", "B"], schema.Select(column => column.Name));
        Assert.Equal(1, schema["B"].Index);
    }

    [Fact]
    public void Builder_RejectsEmptyNamesAndMissingTypes()
    {
        var builder = new DataViewSchema.Builder();

        Assert.Throws<ArgumentNullException>(() => builder.AddColumn("", NumberDataViewType.Single));
        Assert.Throws<ArgumentNullException>(() => builder.AddColumn("A", null!));
    }

    [Fact]
    public void ColumnsWithoutAnnotations_HaveAnEmptyAnnotationSchema() =>
        Assert.Empty(TwoColumnsOfOneName()["B"].Annotations.Schema);
}

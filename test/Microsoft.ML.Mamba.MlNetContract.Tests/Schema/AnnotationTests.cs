namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class AnnotationTests
{
    private static readonly ReadOnlyMemory<char>[] Names = ["x".AsMemory(), "y".AsMemory(), "z".AsMemory()];

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> NamesGetter =>
        (ref VBuffer<ReadOnlyMemory<char>> value) => value = new VBuffer<ReadOnlyMemory<char>>(3, Names.ToArray());

    private static DataViewSchema.Column ColumnWith(DataViewType type, Action<DataViewSchema.Annotations.Builder> fill)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        fill(annotations);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("C", type, annotations.ToAnnotations());
        return builder.ToSchema()["C"];
    }

    [Fact]
    public void GetSlotNames_ReadsTheSlotNamesAnnotation()
    {
        DataViewSchema.Column column = ColumnWith(new VectorDataViewType(NumberDataViewType.Single, 3),
            builder => builder.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 3), NamesGetter));

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        Assert.True(column.HasSlotNames());
        Assert.Equal(["x", "y", "z"], names.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void HasSlotNames_IsFalseForAnotherSizeAndWithoutTheAnnotation()
    {
        var four = new VectorDataViewType(NumberDataViewType.Single, 4);

        Assert.False(ColumnWith(four, builder => builder.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 3), NamesGetter)).HasSlotNames());
        Assert.False(ColumnWith(four, _ => { }).HasSlotNames());
    }

    [Fact]
    public void GetKeyValues_ReadsTheKeyValuesAnnotation()
    {
        DataViewSchema.Column column = ColumnWith(new KeyDataViewType(typeof(uint), 3),
            builder => builder.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, 3), NamesGetter));

        VBuffer<ReadOnlyMemory<char>> values = default;
        column.GetKeyValues(ref values);
        Assert.Equal(["x", "y", "z"], values.DenseValues().Select(value => value.ToString()));
    }

    [Fact]
    public void GetKeyValues_WithoutTheAnnotation_Throws()
    {
        DataViewSchema.Column column = ColumnWith(new KeyDataViewType(typeof(uint), 3), _ => { });

        VBuffer<ReadOnlyMemory<char>> values = default;
        Assert.Throws<InvalidOperationException>(() => column.GetKeyValues(ref values));
    }

    [Fact]
    public void GetValue_ReadsPrimitivesAndText()
    {
        DataViewSchema.Column column = ColumnWith(NumberDataViewType.Single, builder =>
        {
            builder.AddPrimitiveValue("Id", new KeyDataViewType(typeof(uint), int.MaxValue), 5u);
            builder.AddPrimitiveValue("Kind", TextDataViewType.Instance, "MulticlassClassification".AsMemory());
        });

        uint id = 0;
        ReadOnlyMemory<char> kind = default;
        column.Annotations.GetValue("Id", ref id);
        column.Annotations.GetValue("Kind", ref kind);
        Assert.Equal(5u, id);
        Assert.Equal("MulticlassClassification", kind.ToString());
        Assert.Equal(["Id", "Kind"], column.Annotations.Schema.Select(annotation => annotation.Name));
    }

    [Fact]
    public void GetValue_OfAnUnknownKindOrWrongType_Throws()
    {
        DataViewSchema.Column column = ColumnWith(NumberDataViewType.Single, builder => builder.AddPrimitiveValue("Id", NumberDataViewType.Int32, 5));

        int wanted = 0;
        float wrong = 0;
        Assert.Throws<InvalidOperationException>(() => column.Annotations.GetValue("Nothing", ref wanted));
        Assert.Throws<InvalidOperationException>(() => column.Annotations.GetValue("Id", ref wrong));
    }

    [Fact]
    public void Builder_CopiesTheSelectedAnnotations()
    {
        DataViewSchema.Column column = ColumnWith(NumberDataViewType.Single, builder =>
        {
            builder.AddPrimitiveValue("Keep", NumberDataViewType.Int32, 1);
            builder.AddPrimitiveValue("Drop", NumberDataViewType.Int32, 2);
        });

        var copy = new DataViewSchema.Annotations.Builder();
        copy.Add(column.Annotations, name => name == "Keep");
        Assert.Equal(["Keep"], copy.ToAnnotations().Schema.Select(annotation => annotation.Name));
    }

    [Fact]
    public void BuilderExtensions_WriteTheCanonicalNames()
    {
        DataViewSchema.Column column = ColumnWith(new KeyDataViewType(typeof(uint), 3), builder =>
        {
            builder.AddSlotNames(3, NamesGetter);
            builder.AddKeyValues(3, TextDataViewType.Instance, NamesGetter);
        });

        Assert.Equal(["SlotNames", "KeyValues"], column.Annotations.Schema.Select(annotation => annotation.Name));
        Assert.Equal(new VectorDataViewType(TextDataViewType.Instance, 3), column.Annotations.Schema["KeyValues"].Type);
    }

    [Fact]
    public void CanonicalKinds_HaveTheirWireNames()
    {
        Assert.Equal("SlotNames", AnnotationUtils.Kinds.SlotNames);
        Assert.Equal("KeyValues", AnnotationUtils.Kinds.KeyValues);
        Assert.Equal("ScoreColumnSetId", AnnotationUtils.Kinds.ScoreColumnSetId);
        Assert.Equal("ScoreColumnKind", AnnotationUtils.Kinds.ScoreColumnKind);
        Assert.Equal("ScoreValueKind", AnnotationUtils.Kinds.ScoreValueKind);
        Assert.Equal("TrainingLabelValues", AnnotationUtils.Kinds.TrainingLabelValues);
        Assert.Equal("MulticlassClassification", AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification);
        Assert.Equal("Score", AnnotationUtils.Const.ScoreValueKind.Score);
        Assert.Equal("PredictedLabel", AnnotationUtils.Const.ScoreValueKind.PredictedLabel);
        Assert.Equal(new KeyDataViewType(typeof(uint), int.MaxValue), AnnotationUtils.ScoreColumnSetIdType);
    }

    [Fact]
    public void GetMaxAnnotationKind_GivesTheHighestScoreColumnSet()
    {
        DataViewSchema.Annotations Set(uint id)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.AddPrimitiveValue("ScoreColumnSetId", AnnotationUtils.ScoreColumnSetIdType, id);
            return annotations.ToAnnotations();
        }
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("S1", NumberDataViewType.Single, Set(2));
        builder.AddColumn("S2", NumberDataViewType.Single, Set(1));
        builder.AddColumn("X", NumberDataViewType.Single);

        Assert.Equal(2u, builder.ToSchema().GetMaxAnnotationKind(out int column, "ScoreColumnSetId"));
        Assert.Equal(0, column);
        Assert.Equal(0u, new DataViewSchema.Builder().ToSchema().GetMaxAnnotationKind(out _, "ScoreColumnSetId"));
    }
}

using Kind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class SchemaShapeTests
{
    private static SchemaShape ShapeOf(params (string Name, DataViewType Type)[] columns)
    {
        var builder = new DataViewSchema.Builder();
        foreach ((string name, DataViewType type) in columns)
            builder.AddColumn(name, type);
        return SchemaShape.Create(builder.ToSchema());
    }

    [Fact]
    public void Create_TellsScalarsVectorsAndVariableVectorsApart()
    {
        SchemaShape shape = ShapeOf(
            ("S", NumberDataViewType.Single),
            ("V", new VectorDataViewType(NumberDataViewType.Single, 4)),
            ("W", new VectorDataViewType(NumberDataViewType.Single)));

        Assert.Equal([Kind.Scalar, Kind.Vector, Kind.VariableVector], shape.Select(column => column.Kind));
        Assert.All(shape, column => Assert.Equal(NumberDataViewType.Single, column.ItemType));
        Assert.All(shape, column => Assert.False(column.IsKey));
    }

    [Fact]
    public void Create_GivesKeysTheirStorageType()
    {
        SchemaShape.Column column = ShapeOf(("K", new KeyDataViewType(typeof(uint), 4)))[0];

        Assert.True(column.IsKey);
        Assert.Equal(NumberDataViewType.UInt32, column.ItemType);
        Assert.Equal(Kind.Scalar, column.Kind);
    }

    [Fact]
    public void Create_SkipsHiddenColumns()
    {
        SchemaShape shape = ShapeOf(("A", NumberDataViewType.Single), ("A", TextDataViewType.Instance));

        Assert.Equal([TextDataViewType.Instance], shape.Select(column => column.ItemType));
    }

    [Fact]
    public void TryFindColumn_FindsByName()
    {
        SchemaShape shape = ShapeOf(("A", NumberDataViewType.Single), ("B", TextDataViewType.Instance));

        Assert.True(shape.TryFindColumn("B", out SchemaShape.Column found));
        Assert.Equal("B", found.Name);
        Assert.False(shape.TryFindColumn("C", out _));
    }

    [Fact]
    public void MulticlassScoreAnnotations_NameTheScoreAndItsSlots()
    {
        var keyValues = new SchemaShape.Column("KeyValues", Kind.Vector, TextDataViewType.Instance, false);
        var label = new SchemaShape.Column("Label", Kind.Scalar, NumberDataViewType.UInt32, true, new SchemaShape([keyValues]));

        List<string> names = AnnotationUtils.AnnotationsForMulticlassScoreColumn(label).Select(column => column.Name).ToList();
        Assert.Equal(["ScoreColumnKind", "ScoreColumnSetId", "ScoreValueKind", "SlotNames", "TrainingLabelValues"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TrainerOutputAnnotations_NameTheScore()
    {
        List<SchemaShape.Column> columns = AnnotationUtils.GetTrainerOutputAnnotation().ToList();

        Assert.Equal(["ScoreColumnKind", "ScoreColumnSetId", "ScoreValueKind"], columns.Select(column => column.Name).Order(StringComparer.Ordinal));
        Assert.True(columns.Single(column => column.Name == "ScoreColumnSetId").IsKey);
    }

    [Fact]
    public void EstimatorsGiveShapesWithTheirOutputAppendedOrReplaced()
    {
        var ml = new MLContext(1);
        SchemaShape input = ShapeOf(("Label", TextDataViewType.Instance), ("X", NumberDataViewType.Single));

        SchemaShape output = ml.Transforms.Conversion.MapValueToKey("Label").GetOutputSchema(input);
        Assert.True(output.TryFindColumn("Label", out SchemaShape.Column label));
        Assert.True(label.IsKey);
        Assert.Equal(NumberDataViewType.UInt32, label.ItemType);
        Assert.True(label.Annotations.TryFindColumn("KeyValues", out SchemaShape.Column values));
        Assert.Equal(Kind.Vector, values.Kind);
        Assert.Equal(TextDataViewType.Instance, values.ItemType);
        Assert.Equal(2, output.Count);
    }

    [Fact]
    public void EstimatorsReportMissingColumnsWhenTheirShapeIsAsked()
    {
        var ml = new MLContext(1);
        SchemaShape input = ShapeOf(("X", NumberDataViewType.Single));

        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Conversion.MapValueToKey("Label").GetOutputSchema(input));
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.CopyColumns("Y", "Z").GetOutputSchema(input));
    }
}

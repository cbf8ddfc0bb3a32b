using Microsoft.ML.Runtime;
using Microsoft.ML.StandIn;

namespace Microsoft.ML.Data;

/// <summary>Reads annotations of a schema, and tells which ones trainers put on their output.</summary>
internal static partial class AnnotationUtils
{
    public static KeyDataViewType ScoreColumnSetIdType { get; } = new KeyDataViewType(typeof(uint), int.MaxValue);

    public static VectorDataViewType GetNamesType(int size)
    {
        Contracts.CheckParam(size > 0, nameof(size), "must be known size");
        return new VectorDataViewType(TextDataViewType.Instance, size);
    }

    public static VectorDataViewType GetCategoricalType(int rangeCount)
    {
        Contracts.CheckParam(rangeCount > 0, nameof(rangeCount), "must be known size");
        return new VectorDataViewType(NumberDataViewType.Int32, rangeCount, 2);
    }

    public static uint GetMaxAnnotationKind(
        this DataViewSchema schema, out int colMax, string annotationKind, Func<DataViewSchema, int, bool> filterFunc = null)
    {
        uint max = 0;
        colMax = -1;
        foreach (DataViewSchema.Column column in schema)
        {
            if (!HasKey(column, annotationKind) || filterFunc?.Invoke(schema, column.Index) == false)
                continue;
            uint value = 0;
            column.Annotations.GetValue(annotationKind, ref value);
            if (value > max)
            {
                max = value;
                colMax = column.Index;
            }
        }
        return max;
    }

    public static IEnumerable<int> GetColumnSet(this DataViewSchema schema, string annotationKind, uint value)
    {
        foreach (DataViewSchema.Column column in schema)
        {
            uint found = 0;
            if (!HasKey(column, annotationKind))
                continue;
            column.Annotations.GetValue(annotationKind, ref found);
            if (found == value)
                yield return column.Index;
        }
    }

    public static IEnumerable<int> GetColumnSet(this DataViewSchema schema, string annotationKind, string value)
    {
        foreach (DataViewSchema.Column column in schema)
        {
            ReadOnlyMemory<char> found = default;
            if (column.AnnotationTypeOrNull(annotationKind) is not TextDataViewType)
                continue;
            column.Annotations.GetValue(annotationKind, ref found);
            if (found.Span.SequenceEqual(value))
                yield return column.Index;
        }
    }

    public static bool HasSlotNames(this DataViewSchema.Column column, int vectorSize)
    {
        return vectorSize != 0
            && column.AnnotationTypeOrNull(Kinds.SlotNames) is VectorDataViewType { ItemType: TextDataViewType } names
            && names.Size == vectorSize;
    }

    public static bool TryGetAnnotation<T>(this DataViewSchema schema, PrimitiveDataViewType type, string kind, int col, ref T value)
    {
        Contracts.CheckValue(schema, nameof(schema));
        Contracts.CheckValue(type, nameof(type));
        if (!type.Equals(schema[col].AnnotationTypeOrNull(kind)))
            return false;
        schema[col].Annotations.GetValue(kind, ref value);
        return true;
    }

    /// <summary>
    /// Reads the pairs of first and last categorical slot; false, and null, where the column has none or they do not fit it.
    /// </summary>
    public static bool TryGetCategoricalFeatureIndices(DataViewSchema schema, int colIndex, out int[] categoricalFeatures)
    {
        Contracts.CheckValue(schema, nameof(schema));
        DataViewSchema.Column column = schema[colIndex];
        categoricalFeatures = null;
        int size = column.Type.GetVectorSize();
        if (size == 0 || column.AnnotationTypeOrNull(Kinds.CategoricalSlotRanges) is not VectorDataViewType type)
            return false;
        if (type.ItemType != NumberDataViewType.Int32 || type.Size == 0 || type.Size % 2 != 0)
            return false;
        VBuffer<int> ranges = default;
        column.Annotations.GetValue(Kinds.CategoricalSlotRanges, ref ranges);
        int[] values = ranges.DenseValues().ToArray();
        for (int i = 0; i < values.Length; i += 2)
        {
            bool ordered = values[i] >= (i == 0 ? 0 : values[i - 1] + 1) && values[i + 1] >= values[i] && values[i + 1] < size;
            if (!ordered)
                return false;
        }
        categoricalFeatures = values;
        return true;
    }

    public static bool NeedsSlotNames(this SchemaShape.Column col)
    {
        return col.Annotations.TryFindColumn(Kinds.KeyValues, out SchemaShape.Column values)
            && values is { Kind: SchemaShape.Column.VectorKind.Vector, ItemType: TextDataViewType };
    }

    public static bool IsNormalized(this SchemaShape.Column column)
    {
        Contracts.CheckParam(column.IsValid, nameof(column), "struct not initialized properly");
        return column.Annotations.TryFindColumn(Kinds.IsNormalized, out SchemaShape.Column found)
            && found is { Kind: SchemaShape.Column.VectorKind.Scalar, IsKey: false, ItemType: BooleanDataViewType };
    }

    public static bool HasSlotNames(this SchemaShape.Column col)
    {
        Contracts.CheckParam(col.IsValid, nameof(col), "struct not initialized properly");
        return col.Kind == SchemaShape.Column.VectorKind.Vector
            && col.Annotations.TryFindColumn(Kinds.SlotNames, out SchemaShape.Column names)
            && names is { Kind: SchemaShape.Column.VectorKind.Vector, IsKey: false, ItemType: TextDataViewType };
    }

    public static IEnumerable<SchemaShape.Column> GetTrainerOutputAnnotation(bool isNormalized = false)
    {
        var columns = new List<SchemaShape.Column>
        {
            Scalar(Kinds.ScoreColumnSetId, NumberDataViewType.UInt32, isKey: true),
            Scalar(Kinds.ScoreColumnKind, TextDataViewType.Instance, isKey: false),
            Scalar(Kinds.ScoreValueKind, TextDataViewType.Instance, isKey: false),
        };
        if (isNormalized)
            columns.Add(Scalar(Kinds.IsNormalized, BooleanDataViewType.Instance, isKey: false));
        return columns;
    }

    public static IEnumerable<SchemaShape.Column> AnnotationsForMulticlassScoreColumn(SchemaShape.Column? labelColumn = null)
    {
        var columns = new List<SchemaShape.Column>();
        if (labelColumn is { IsKey: true } label
            && label.Annotations.TryFindColumn(Kinds.KeyValues, out SchemaShape.Column values)
            && values.Kind == SchemaShape.Column.VectorKind.Vector)
        {
            if (values.ItemType is TextDataViewType)
                columns.Add(Vector(Kinds.SlotNames, TextDataViewType.Instance));
            columns.Add(Vector(Kinds.TrainingLabelValues, values.ItemType));
        }
        columns.AddRange(GetTrainerOutputAnnotation());
        return columns;
    }

    private static bool HasKey(DataViewSchema.Column column, string kind)
    {
        return column.AnnotationTypeOrNull(kind) is KeyDataViewType key && key.RawType == typeof(uint);
    }

    private static SchemaShape.Column Scalar(string name, DataViewType itemType, bool isKey)
    {
        return new SchemaShape.Column(name, SchemaShape.Column.VectorKind.Scalar, itemType, isKey);
    }

    private static SchemaShape.Column Vector(string name, DataViewType itemType)
    {
        return new SchemaShape.Column(name, SchemaShape.Column.VectorKind.Vector, itemType, false);
    }
}

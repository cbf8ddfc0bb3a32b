using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Transforms;

public sealed class KeyToVectorMappingEstimator : TrivialEstimator<KeyToVectorMappingTransformer>
{
    internal static class Defaults
    {
        public const bool OutputCountVector = false;
    }

    internal KeyToVectorMappingEstimator(
        IHostEnvironment env, bool outputCountVector, params (string outputColumnName, string inputColumnName)[] columns)
        : base(
            env.Register(nameof(KeyToVectorMappingEstimator)),
            new KeyToVectorMappingTransformer(env, columns, columns.Select(_ => outputCountVector).ToArray()))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        => ShapeEditor.Map(inputSchema, Transformer.ColumnPairs, (i, output, source) => MakeColumn(output, source, Transformer.Counts[i]));

    private static SchemaShape.Column MakeColumn(string output, SchemaShape.Column source, bool count)
    {
        if (!source.ItemType.IsStandardScalar())
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", source.Name);
        var annotations = new List<SchemaShape.Column>();
        bool isVariable = source.Kind == VectorKind.VariableVector;
        if (source.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out SchemaShape.Column values)
            && ((count && source.IsKey) || !isVariable) && values.ItemType is TextDataViewType)
        {
            annotations.Add(ShapeEditor.Vector(AnnotationUtils.Kinds.SlotNames, values.ItemType));
        }
        if (!count && !isVariable)
            annotations.Add(ShapeEditor.Vector(AnnotationUtils.Kinds.CategoricalSlotRanges, NumberDataViewType.Int32));
        if (!count || source.Kind == VectorKind.Scalar)
            annotations.Add(ShapeEditor.Flag(AnnotationUtils.Kinds.IsNormalized));
        VectorKind kind = isVariable && !count ? VectorKind.VariableVector : VectorKind.Vector;
        return new SchemaShape.Column(output, kind, NumberDataViewType.Single, false, new SchemaShape(annotations));
    }
}

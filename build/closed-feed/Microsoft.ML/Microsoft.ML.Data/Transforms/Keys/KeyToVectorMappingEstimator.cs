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
    {
        Guard.Value(inputSchema, nameof(inputSchema));
        var result = new ShapeEditor(inputSchema);
        for (int i = 0; i < Transformer.ColumnPairs.Length; i++)
        {
            (string output, string input) = Transformer.ColumnPairs[i];
            bool count = Transformer.Counts[i];
            SchemaShape.Column source = result.Find(input);
            if (!ColumnTypes.IsStandardScalar(source.ItemType))
                throw Guard.MissingColumn(nameof(inputSchema), "input", input);
            var annotations = new List<SchemaShape.Column>();
            bool isVariable = source.Kind == VectorKind.VariableVector;
            if (source.Annotations.TryFindColumn(AnnotationNames.KeyValues, out SchemaShape.Column values)
                && ((count && source.IsKey) || !isVariable) && values.ItemType is TextDataViewType)
            {
                annotations.Add(ShapeEditor.Vector(AnnotationNames.SlotNames, values.ItemType));
            }
            if (!count && !isVariable)
                annotations.Add(ShapeEditor.Vector(AnnotationNames.CategoricalSlotRanges, NumberDataViewType.Int32));
            if (!count || source.Kind == VectorKind.Scalar)
                annotations.Add(ShapeEditor.Flag(AnnotationNames.IsNormalized));
            VectorKind kind = isVariable && !count ? VectorKind.VariableVector : VectorKind.Vector;
            result.Set(new SchemaShape.Column(output, kind, NumberDataViewType.Single, false, new SchemaShape(annotations)));
        }
        return result.ToShape();
    }
}

using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>Shapes of schemas, as ML.NET makes them for estimators.</summary>
internal static class Shapes
{
    public static SchemaShape Of(MLContext ml, IDataView data)
    {
        var probe = new ShapeProbe(ml);
        // The probe wants a column that most views lack; by then it has seen the shape.
        Record.Exception(() => new EstimatorChain<ITransformer>().Append(probe).Append(probe).Fit(data));
        return probe.Shape ?? throw new InvalidOperationException("The chain asked for no shape.");
    }

    public static IEnumerable<string> Describe(SchemaShape shape) => shape.OrderBy(column => column.Name, StringComparer.Ordinal).Select(column =>
        $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey} "
        + $"{string.Join(',', column.Annotations.Select(annotation => $"{annotation.Name} {annotation.ItemType}"))}");
}

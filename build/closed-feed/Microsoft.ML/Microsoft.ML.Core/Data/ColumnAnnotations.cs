using Microsoft.ML.Data;

namespace Microsoft.ML.StandIn;

internal static class ColumnAnnotations
{
    public static DataViewType AnnotationTypeOrNull(this DataViewSchema.Column column, string kind)
        => column.Annotations.Schema.GetColumnOrNull(kind)?.Type;
}

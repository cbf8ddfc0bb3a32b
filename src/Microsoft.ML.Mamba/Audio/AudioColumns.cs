using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>What the audio transforms say of their columns.</summary>
internal static class AudioColumns
{
    /// <summary>The annotation of a waveform column with its samples a second.</summary>
    public const string SampleRateAnnotation = "SampleRate";

    public static void RequireName(string? name, string parameter)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException($"{parameter} must be the name of a column; got {(name is null ? "null" : $"'{name}'")}.", parameter);
    }

    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name) ?? throw Missing(name, role);

    public static SchemaShape.Column Find(SchemaShape shape, string name, string role)
    {
        foreach (SchemaShape.Column column in shape)
        {
            if (column.Name == name)
                return column;
        }

        throw Missing(name, role);
    }

    public static DataViewSchema.Annotations WithSampleRate(int rate)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue(SampleRateAnnotation, NumberDataViewType.Int32, rate);
        return annotations.ToAnnotations();
    }

    public static int? SampleRateOf(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(SampleRateAnnotation)?.Type is not NumberDataViewType { RawType: { } type } || type != typeof(int))
            return null;
        int rate = 0;
        column.Annotations.GetValue(SampleRateAnnotation, ref rate);
        return rate;
    }

    /// <summary>The shape with columns added, which hide those of the same name.</summary>
    public static SchemaShape With(SchemaShape input, params SchemaShape.Column[] added) =>
        new([.. input.Where(column => !Array.Exists(added, other => other.Name == column.Name)), .. added]);

    private static ArgumentOutOfRangeException Missing(string column, string role) =>
        new("input", column, $"The data has no column '{column}', which was named as the {role} column.");
}

using Kind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace ThirdParty;

/// <summary>Learns the mean of a number for each class of a key label.</summary>
public sealed class NearestMeanEstimator(IHostEnvironment environment, string labelColumn, string valueColumn) : IEstimator<NearestMeanTransformer>
{
    private readonly IHost _host = environment.Register(nameof(NearestMeanEstimator));

    public NearestMeanTransformer Fit(IDataView input)
    {
        using IChannel channel = _host.Start("Training");
        DataViewSchema.Column label = input.Schema[labelColumn], value = input.Schema[valueColumn];
        VBuffer<ReadOnlyMemory<char>> names = default;
        label.GetKeyValues(ref names);
        var sums = new double[names.Length];
        var counts = new int[names.Length];

        using (DataViewRowCursor cursor = input.GetRowCursor([label, value]))
        {
            ValueGetter<uint> labels = cursor.GetGetter<uint>(label);
            ValueGetter<float> values = cursor.GetGetter<float>(value);
            uint key = 0;
            float number = 0;
            while (cursor.MoveNext())
            {
                _host.CheckAlive();
                labels(ref key);
                values(ref number);
                if (key == 0)
                    continue;
                sums[key - 1] += number;
                counts[key - 1]++;
            }
        }
        channel.Info(MessageSensitivity.None, "{0} classes from {1} rows", names.Length, counts.Sum());
        float[] means = sums.Zip(counts, (sum, count) => (float)(sum / count)).ToArray();
        return new NearestMeanTransformer(_host, valueColumn, names.DenseValues().Select(name => name.ToString()).ToArray(), means);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (!inputSchema.TryFindColumn(valueColumn, out SchemaShape.Column value) || value.ItemType != NumberDataViewType.Single)
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "value", valueColumn);
        if (!inputSchema.TryFindColumn(labelColumn, out SchemaShape.Column label) || !label.IsKey)
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "label", labelColumn);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(column => column.Name);
        columns["PredictedLabel"] = new SchemaShape.Column("PredictedLabel", Kind.Scalar, NumberDataViewType.UInt32, true,
            new SchemaShape([new SchemaShape.Column("KeyValues", Kind.Vector, TextDataViewType.Instance, false)]));
        columns["Score"] = new SchemaShape.Column("Score", Kind.Vector, NumberDataViewType.Single, false,
            new SchemaShape(AnnotationUtils.AnnotationsForMulticlassScoreColumn(label)));
        return new SchemaShape(columns.Values);
    }
}

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

/// <summary>An estimator that notes when it is asked and how many rows it reads, and changes nothing.</summary>
internal sealed class Recorder(MLContext ml, string name, List<string> notes, int passes = 0) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input)
    {
        notes.Add($"{name} fit");
        for (int pass = 0; pass < passes; pass++)
        {
            using DataViewRowCursor cursor = input.GetRowCursor(input.Schema);
            while (cursor.MoveNext())
            {
            }
        }
        return ml.Transforms.CopyColumns(name, input.Schema[0].Name).Fit(input);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        notes.Add($"{name} shape");
        return inputSchema;
    }
}

namespace Microsoft.ML.Mamba;

public sealed partial class MambaClassificationOptions
{
    /// <summary>
    /// A column for the vector that the model's head reads, a vector of Single of <see cref="DModel"/> values (times
    /// <see cref="EnsembleSize"/>), behind the scores; for rows without a token or frame it is NaN.
    /// <c>mlContext.Transforms.MambaFeaturize</c> gives it without the scores. Default null: no such column.
    /// </summary>
    public string? FeatureColumnName { get; set; }

    /// <summary>
    /// A column that says how much each position of the sequence adds to the logit of the predicted class: a vector of Single of any
    /// length, gradient x input, with a value for each frame or token id of the column, or for each character of a text. It costs about a
    /// training step where it is read, nothing where it is not. <c>mlContext.Transforms.MambaSaliency</c> gives it without the scores and
    /// for any class. Default null: no such column.
    /// </summary>
    public string? SaliencyColumnName { get; set; }

    private void ValidateOutputs()
    {
        string[] names = [nameof(OutputColumnName), nameof(ScoreColumnName), nameof(FeatureColumnName), nameof(SaliencyColumnName)];
        string?[] columns = [OutputColumnName, ScoreColumnName, FeatureColumnName, SaliencyColumnName];
        for (int i = 0; i < columns.Length; i++)
        {
            if (columns[i] is null)
                continue;
            RequireName(columns[i], names[i]);
            if (Array.IndexOf(columns, columns[i]) is var first && first < i)
                throw new ArgumentException($"{names[first]} and {names[i]} must differ; both are '{columns[i]}'.", names[i]);
        }
    }
}

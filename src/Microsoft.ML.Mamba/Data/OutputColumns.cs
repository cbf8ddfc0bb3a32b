namespace Microsoft.ML.Mamba.Data;

/// <summary>What a model can give of a row.</summary>
[Flags]
internal enum Outputs
{
    None = 0,
    Label = 1,
    Score = 2,
    Features = 4,
    Saliency = 8,
}

/// <summary>The columns that a model adds to a view, in this order; those without a name are not added.</summary>
/// <param name="Label">The predicted label.</param>
/// <param name="Score">The probabilities.</param>
/// <param name="Features">The vector that the head reads.</param>
/// <param name="Saliency">How much each position adds to a class's logit.</param>
/// <param name="SaliencyClass">That class, or -1 for each row's predicted one.</param>
internal sealed record OutputColumns(string? Label, string? Score, string? Features, string? Saliency, int SaliencyClass)
{
    /// <summary>The columns that are added.</summary>
    public IEnumerable<(Outputs Kind, string Name)> Added
    {
        get
        {
            (Outputs Kind, string? Name)[] all = [(Outputs.Label, Label), (Outputs.Score, Score), (Outputs.Features, Features), (Outputs.Saliency, Saliency)];
            return all.Where(column => column.Name is not null).Select(column => (column.Kind, column.Name!));
        }
    }
}

using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>Scores row by row, for prediction engines. Thread-safe; the rows that it makes are not.</summary>
internal sealed class ScoringMapper(DataViewSchema input, ModelDefinition model, OutputColumns columns, Scorer scorer) : IRowToRowMapper
{
    private readonly ScoringSchema _schema = new(input, model, columns);

    public DataViewSchema InputSchema => _schema.Input;

    public DataViewSchema OutputSchema => _schema.Output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        _schema.Dependencies(dependingColumns).Dependencies;

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Schema != InputSchema)
            throw new ArgumentException("The row's schema is not the one that this mapper was made for.", nameof(input));
        return new ScoringRow(input, _schema, model, columns, scorer, _schema.Dependencies(activeColumns).Active);
    }
}

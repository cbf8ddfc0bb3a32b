namespace Microsoft.ML.Data;

/// <summary>Computes new columns of a row from its old ones; bound to one input schema.</summary>
internal interface IRowMapper
{
    DataViewSchema.DetachedColumn[] GetOutputColumns();

    /// <summary>Input columns that the active outputs are computed from.</summary>
    Func<int, bool> GetDependencies(Func<int, bool> activeOutput);

    /// <summary>One getter an output column, null for an inactive one.</summary>
    Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer);
}

namespace Microsoft.ML.Transforms;

/// <summary>Collects the distinct values of columns, all in one pass over the data.</summary>
internal static class TermLearning
{
    public static void CheckType(DataViewSchema.Column column)
    {
        DataViewType itemType = column.Type.GetItemType();
        if (itemType is not KeyDataViewType && !itemType.IsStandardScalar())
            throw Contracts.ExceptSchemaMismatch(
                "inputSchema", "input", column.Name, "standard type or a vector of standard type", column.Type.ToString());
    }

    public static TermMap[] Learn(IHost host, IDataView input, ValueToKeyMappingEstimator.ColumnOptions[] options, IDataView keyData)
    {
        using IChannel channel = host.Start("Training");
        DataViewSchema.Column[] sources = options.Select(option => input.Schema.GetColumnOrNull(option.InputColumnName)
            ?? throw Contracts.ExceptSchemaMismatch("inputSchema", "input", option.InputColumnName)).ToArray();
        foreach (DataViewSchema.Column source in sources)
            CheckType(source);
        if (keyData != null)
            return FromKeyData(channel, sources, options, keyData);

        foreach (ValueToKeyMappingEstimator.ColumnOptions option in options)
            Contracts.CheckParam(option.MaximumNumberOfKeys > 0, "MaxNumTerms", "Must be positive");
        using DataViewRowCursor cursor = input.GetRowCursor(sources.DistinctBy(source => source.Index).ToArray());
        TermCollector[] collectors = sources.Select((source, i) => TermCollector.Create(
            cursor, source, options[i].MaximumNumberOfKeys, options[i].Ordinality)).ToArray();
        List<TermCollector> unfinished = collectors.ToList();
        while (unfinished.Count > 0 && cursor.MoveNext())
            unfinished.RemoveAll(collector => !collector.ReadRow());
        for (int i = 0; i < collectors.Length; i++)
        {
            if (collectors[i].Count == 0)
                channel.Warning(
                    MessageSensitivity.Schema, "Term map for output column '{0}' contains no entries.", options[i].OutputColumnName);
        }
        return collectors.Select(collector => collector.Finish()).ToArray();
    }

    private static TermMap[] FromKeyData(
        IChannel channel, DataViewSchema.Column[] sources, ValueToKeyMappingEstimator.ColumnOptions[] options, IDataView keyData)
    {
        DataViewSchema.Column terms = keyData.Schema[0];
        PrimitiveDataViewType itemType = (PrimitiveDataViewType)sources[0].Type.GetItemType();
        Contracts.CheckParam(
            terms.Type.Equals(itemType), nameof(keyData), $"Input data's column must be of type '{itemType}' but was '{terms.Type}'");
        TermMap map;
        using (DataViewRowCursor cursor = keyData.GetRowCursor([terms]))
        {
            TermCollector collector = TermCollector.Create(cursor, terms, int.MaxValue, options[0].Ordinality);
            while (cursor.MoveNext() && collector.ReadRow())
            {
            }
            if (collector.Count == 0)
                channel.Warning(MessageSensitivity.None, "Map from the term data resulted in an empty map.");
            map = collector.Finish();
        }
        for (int i = 0; i < sources.Length; i++)
        {
            DataViewType own = sources[i].Type.GetItemType();
            Contracts.CheckParam(
                map.ItemType.Equals(own),
                nameof(keyData),
                $"Terms from input data type '{map.ItemType}' but mismatches column '{options[i].OutputColumnName}' item type '{own}'");
        }
        return options.Select(_ => map).ToArray();
    }
}

namespace ThirdParty;

/// <summary>The input's columns with PredictedLabel and Score after them.</summary>
internal sealed class NearestMeanSchema
{
    public NearestMeanSchema(NearestMeanTransformer model, DataViewSchema input)
    {
        Input = input;
        Value = input.GetColumnOrNull(model.ValueColumn) ?? throw new ArgumentOutOfRangeException(nameof(input), $"There is no column '{model.ValueColumn}'.");
        var names = new VectorDataViewType(TextDataViewType.Instance, model.Classes.Length);
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = (ref VBuffer<ReadOnlyMemory<char>> value) =>
            value = new VBuffer<ReadOnlyMemory<char>>(model.Classes.Length, model.Classes.Select(name => name.AsMemory()).ToArray());
        DataViewSchema.Annotations Annotations(string kind)
        {
            var builder = new DataViewSchema.Annotations.Builder();
            builder.Add(kind, names, getter);
            return builder.ToAnnotations();
        }

        var output = new DataViewSchema.Builder();
        output.AddColumns(input);
        output.AddColumn("PredictedLabel", new KeyDataViewType(typeof(uint), model.Classes.Length), Annotations("KeyValues"));
        output.AddColumn("Score", new VectorDataViewType(NumberDataViewType.Single, model.Classes.Length), Annotations("SlotNames"));
        Output = output.ToSchema();
    }

    public DataViewSchema Input { get; }

    public DataViewSchema Output { get; }

    public DataViewSchema.Column Value { get; }

    /// <summary>The input columns that the given output columns need.</summary>
    public List<DataViewSchema.Column> Dependencies(IEnumerable<DataViewSchema.Column> outputs)
    {
        var needed = new HashSet<int>();
        foreach (DataViewSchema.Column column in outputs)
            needed.Add(column.Index < Input.Count ? column.Index : Value.Index);
        return Input.Where(column => needed.Contains(column.Index)).ToList();
    }

    /// <summary>A getter of an output column over an input row.</summary>
    public ValueGetter<T> Getter<T>(NearestMeanTransformer model, DataViewRow input, DataViewSchema.Column column)
    {
        if (column.Index < Input.Count)
            return input.GetGetter<T>(Input[column.Index]);
        ValueGetter<float> value = input.GetGetter<float>(Value);
        Delegate getter = column.Index == Input.Count
            ? (ref uint key) =>
            {
                float number = 0;
                value(ref number);
                float[] score = model.Score(number);
                key = (uint)score.IndexOf(score.Max()) + 1;
            }
            : (ref VBuffer<float> vector) =>
            {
                float number = 0;
                value(ref number);
                VBufferEditor<float> editor = VBufferEditor.Create(ref vector, model.Classes.Length);
                model.Score(number).CopyTo(editor.Values);
                vector = editor.Commit();
            };
        return getter.Target is not null && Delegate.CreateDelegate(
            typeof(ValueGetter<T>), getter.Target, getter.Method, throwOnBindFailure: false) is ValueGetter<T> typed
            ? typed
            : throw new InvalidOperationException($"Column '{column.Name}' is not of type {typeof(T)}.");
    }
}

namespace Microsoft.ML.Data;

/// <summary>The columns of a row class: member, name, type, annotations.</summary>
internal sealed class RowLayout
{
    private RowLayout(Entry[] columns) => Columns = columns;

    internal sealed record Entry(RowMember Member, string Name, DataViewType Type, DataViewSchema.Annotations Annotations);

    public Entry[] Columns { get; }

    public static RowLayout Create(Type rowType, SchemaDefinition definition, SchemaDefinition.Direction direction)
    {
        definition ??= SchemaDefinition.Create(rowType, direction);
        var columns = new List<Entry>();
        foreach (SchemaDefinition.Column column in definition)
        {
            RowMember member = RowMember.Find(rowType, column.MemberName);
            if (member.Type == typeof(IChannel))
                continue;
            string name = string.IsNullOrEmpty(column.ColumnName) ? column.MemberName : column.ColumnName;
            DataViewType type = column.ColumnType ?? DefaultType(member);
            CheckFits(member, name, type);
            columns.Add(new Entry(member, name, type, column.Annotations));
        }
        return new RowLayout(columns.ToArray());
    }

    public DataViewSchema ToSchema()
    {
        var builder = new DataViewSchema.Builder();
        foreach (Entry column in Columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        return builder.ToSchema();
    }

    private static DataViewType DefaultType(RowMember member)
    {
        (Type item, bool isVector) = RowMember.ItemOf(member.Type);
        PrimitiveDataViewType itemType = member.ItemTypeOf(item);
        return isVector ? new VectorDataViewType(itemType) : itemType;
    }

    private static void CheckFits(RowMember member, string name, DataViewType type)
    {
        (Type item, bool isVector) = RowMember.ItemOf(member.Type);
        string wanted = type is VectorDataViewType ? "vector" : "scalar";
        string given = isVector ? "vector" : "scalar";
        Contracts.CheckParam(
            wanted == given,
            "userSchemaDefinition",
            $"Column '{name}' is supposed to be {wanted}, but type of associated field '{member.Name}' is {given}");
        Type raw = type.GetItemType().RawType;
        Contracts.CheckParam(
            raw == item,
            "userSchemaDefinition",
            $"Column '{name}' is supposed to have item type {raw}, but associated field has type {item}");
    }
}

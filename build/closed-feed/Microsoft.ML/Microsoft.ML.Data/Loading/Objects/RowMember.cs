using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>A public field or property of a row class.</summary>
internal sealed class RowMember
{
    private readonly MemberInfo _info;

    // A member is read and written by one pair of types only; compiling takes longer than reading many rows.
    private Delegate _reader;
    private Delegate _writer;

    private RowMember(MemberInfo info) => _info = info;

    public string Name => _info.Name;

    public Type Type => _info is FieldInfo member ? member.FieldType : ((PropertyInfo)_info).PropertyType;

    public string ColumnName => _info.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? Name;

    private bool IsColumn
        => Type != typeof(IChannel) && _info is not FieldInfo { IsLiteral: true } && _info.GetCustomAttribute<NoColumnAttribute>() == null;

    /// <summary>Fields first, then properties that can be used in the direction.</summary>
    public static RowMember[] Of(Type rowType, SchemaDefinition.Direction direction)
        => All(rowType, direction).Where(member => member.IsColumn).ToArray();

    private static IEnumerable<RowMember> All(Type rowType, SchemaDefinition.Direction direction)
    {
        const BindingFlags Flags = BindingFlags.Public | BindingFlags.Instance;
        bool reads = direction.HasFlag(SchemaDefinition.Direction.Read);
        bool writes = direction.HasFlag(SchemaDefinition.Direction.Write);
        IEnumerable<PropertyInfo> properties = rowType.GetProperties(Flags).Where(property => property.GetIndexParameters().Length == 0
            && ((reads && property.GetGetMethod() != null) || (writes && property.GetSetMethod() != null)));
        return rowType.GetFields(Flags).Cast<MemberInfo>().Concat(properties).Select(info => new RowMember(info));
    }

    public static RowMember Find(Type rowType, string name)
    {
        MemberInfo info = (MemberInfo)rowType.GetField(name) ?? rowType.GetProperty(name);
        Contracts.CheckParam(
            info != null, "userSchemaDefinition", $"No field or property with name '{name}' found in type '{rowType.FullName}'");
        return new RowMember(info);
    }

    public static (Type Item, bool IsVector) ItemOf(Type type)
    {
        Type item = type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>) ? type.GetGenericArguments()[0]
            : null;
        bool isVector = item != null;
        item ??= type;
        return (item == typeof(string) ? typeof(ReadOnlyMemory<char>) : item, isVector);
    }

    /// <summary>The column type of this member's items.</summary>
    public PrimitiveDataViewType ItemTypeOf(Type item)
    {
        Contracts.CheckParam(
            item.TryGetDataKind(out InternalDataKind kind),
            "rawType",
            $"Could not determine an IDataView type and registered custom types for member {Name}");
        return ColumnTypeExtensions.PrimitiveTypeFromKind(kind);
    }

    public DataViewType ColumnType()
    {
        (Type item, bool isVector) = ItemOf(Type);
        PrimitiveDataViewType itemType = ItemTypeOf(item);
        if (_info.GetCustomAttribute<KeyTypeAttribute>() is { } key)
        {
            Contracts.CheckParam(
                KeyDataViewType.IsValidDataType(item),
                "userType",
                $"Member {Name} marked with KeyType attribute, but does not appear to be a valid kind of data for a key type");
            itemType = key.KeyCount.MakeType(item);
        }
        var vector = _info.GetCustomAttribute<VectorTypeAttribute>();
        Contracts.CheckParam(
            vector == null || isVector,
            "userType",
            $"Member {Name} marked with {nameof(VectorTypeAttribute)}, but does not appear to be a vector type");
        if (!isVector)
            return itemType;
        return vector?.Dims?.Length > 0 ? new VectorDataViewType(itemType, vector.Dims) : new VectorDataViewType(itemType, 0);
    }

    public Func<TRow, T> MakeReader<TRow, T>() => (Func<TRow, T>)(_reader ??= CompileReader<TRow, T>());

    public Action<TRow, T> MakeWriter<TRow, T>() => (Action<TRow, T>)(_writer ??= CompileWriter<TRow, T>());

    private Func<TRow, T> CompileReader<TRow, T>()
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda<Func<TRow, T>>(Expression.MakeMemberAccess(row, _info), row).Compile();
    }

    private Action<TRow, T> CompileWriter<TRow, T>()
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow));
        ParameterExpression value = Expression.Parameter(typeof(T));
        return Expression.Lambda<Action<TRow, T>>(Expression.Assign(Expression.MakeMemberAccess(row, _info), value), row, value).Compile();
    }

    /// <summary>Whether the member's present value can be read, so that its buffer can be filled again.</summary>
    public bool CanRead => _info is FieldInfo || ((PropertyInfo)_info).GetGetMethod() != null;
}

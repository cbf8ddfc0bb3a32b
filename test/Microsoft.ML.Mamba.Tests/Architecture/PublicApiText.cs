using System.Reflection;
using System.Text;

namespace Microsoft.ML.Mamba.Tests.Architecture;

/// <summary>Writes an assembly's public surface as text, one line a member, in a fixed order.</summary>
internal static class PublicApiText
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly NullabilityInfoContext Nullability = new();

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach (string line in Lines(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        IEnumerable<string> bases = type.GetInterfaces().Where(item => item.IsPublic).Select(Name).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
            bases = bases.Prepend(Name(parent));
        string list = type.IsEnum ? "" : string.Join(", ", bases);
        return $"{kind} {type.Namespace}.{Name(type)}{(list.Length == 0 ? "" : " : " + list)}";
    }

    private static IEnumerable<string> Lines(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}");
        return type.GetConstructors(Members).Where(IsSeen).Select(constructor => $"{Access(constructor)}new({Parameters(constructor)})")
            .Concat(type.GetFields(Members).Where(field => field.IsPublic || field.IsFamily)
                .Select(field =>
                    $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}"
                    + $"{Typed(field.FieldType, Nullability.Create(field).ReadState)} {field.Name}"))
            .Concat(type.GetProperties(Members).Where(property => (property.GetMethod ?? property.SetMethod) is { } accessor && IsSeen(accessor)).Select(Property))
            .Concat(type.GetEvents(Members).Select(item => $"event {Name(item.EventHandlerType!)} {item.Name}"))
            .Concat(type.GetMethods(Members)
                .Where(method => IsSeen(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
                    && !method.Name.Contains('<')).Select(Method));
    }

    private static string Property(PropertyInfo property)
    {
        MethodInfo accessor = (property.GetMethod ?? property.SetMethod)!;
        string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(Parameter))}]" : "";
        bool init = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit") == true;
        string set = property.SetMethod is { } setter && IsSeen(setter) ? init ? " init;" : " set;" : "";
        string get = property.GetMethod is { } getter && IsSeen(getter) ? " get;" : "";
        return $"{Access(accessor)}{Typed(property.PropertyType, Nullability.Create(property).ReadState)} {property.Name}{index} {{{get}{set} }}";
    }

    private static string Method(MethodInfo method)
    {
        string generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        return $"{Access(method)}{Typed(method.ReturnType, Nullability.Create(method.ReturnParameter).ReadState)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Access(MethodBase method) =>
        (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "") + (method.IsStatic ? "static " : method.DeclaringType!.IsInterface ? ""
            : method.IsAbstract ? "abstract "
            : !method.IsVirtual || method.IsFinal ? ""
            : ((MethodInfo)method).GetBaseDefinition() == method ? "virtual " : "override ");

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        string by = parameter.IsOut ? "out " : type.IsByRef ? parameter.IsIn ? "in " : "ref " : "";
        string value = !parameter.HasDefaultValue ? "" : parameter.RawDefaultValue switch
        {
            null => " = default",
            string text => $" = \"{text}\"",
            IFormattable number => " = " + number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
            object other => " = " + other,
        };
        return $"{by}{Typed(type.IsByRef ? type.GetElementType()! : type, Nullability.Create(parameter).ReadState)} {parameter.Name}{value}";
    }

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Typed(Type type, NullabilityState state) => Name(type) + (state == NullabilityState.Nullable && !type.IsValueType ? "?" : "");

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        string name = type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        if (!type.IsGenericType)
            return name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return $"{(tick < 0 ? name : name[..tick])}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}

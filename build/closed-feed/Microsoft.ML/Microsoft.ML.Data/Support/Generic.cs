using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Calls a generic method with type arguments that are known only at run time.</summary>
internal static class Generic
{
    private const BindingFlags Any =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static object Call(Type declaring, string method, object target, Type[] typeArguments, params object[] arguments)
    {
        MethodInfo open = declaring.GetMethods(Any).Single(m =>
            m.Name == method && m.IsGenericMethodDefinition
            && m.GetGenericArguments().Length == typeArguments.Length && m.GetParameters().Length == arguments.Length);
        return open.MakeGenericMethod(typeArguments).Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    public static object Call(Type declaring, string method, object target, Type typeArgument, params object[] arguments)
        => Call(declaring, method, target, [typeArgument], arguments);
}

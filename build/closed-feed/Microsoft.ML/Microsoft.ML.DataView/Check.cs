namespace Microsoft.ML.Internal.DataView;

internal static class Check
{
    public static void Param(bool holds, string name, string message = null)
    {
        if (!holds)
            throw ParamError(name, message);
    }

    public static void Value(object value, string name)
    {
        if (value is null)
            throw new ArgumentNullException(name);
    }

    public static void NonEmpty(string value, string name)
    {
        if (string.IsNullOrEmpty(value))
            throw new ArgumentNullException(name);
    }

    public static Exception ParamError(string name, string message)
    {
        return message == null ? new ArgumentOutOfRangeException(name) : new ArgumentOutOfRangeException(name, message);
    }
}

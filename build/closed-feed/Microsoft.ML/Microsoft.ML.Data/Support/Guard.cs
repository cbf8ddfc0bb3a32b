namespace Microsoft.ML.Data;

/// <summary>Argument and state checks that throw the exception kinds the real package throws.</summary>
internal static class Guard
{
    public static void Value(object value, string name)
    {
        if (value is null)
            throw new ArgumentNullException(name);
    }

    public static void NonEmpty(string value, string name, string message = null)
    {
        if (string.IsNullOrEmpty(value))
            throw new ArgumentOutOfRangeException(name, message ?? $"{name} cannot be null or empty");
    }

    public static void NonWhiteSpace(string value, string name)
    {
        if (string.IsNullOrWhiteSpace(value))
            throw new ArgumentOutOfRangeException(name, $"{name} cannot be null or white space");
    }

    public static void Param(bool holds, string name, string message = null)
    {
        if (!holds)
            throw ParamError(name, message);
    }

    public static void State(bool holds, string message)
    {
        if (!holds)
            throw new InvalidOperationException(message);
    }

    public static void Decode(bool holds, string message = "The model is corrupt")
    {
        if (!holds)
            throw new FormatException(message);
    }

    public static Exception ParamError(string name, string message = null)
        => message == null ? new ArgumentOutOfRangeException(name) : new ArgumentOutOfRangeException(name, message);

    public static Exception MissingColumn(string paramName, string role, string column)
        => new ArgumentOutOfRangeException(paramName, $"Could not find {role} column '{column}'");

    public static Exception WrongType(string paramName, string role, string column, string expected, string actual)
        => new ArgumentOutOfRangeException(paramName, $"Schema mismatch for {role} column '{column}': expected {expected}, got {actual}");

    public static Exception Unsupported(string what)
        => new NotSupportedException($"{what} is not part of this stand-in; the real Microsoft.ML package has it");
}

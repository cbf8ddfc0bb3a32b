using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Runtime;

/// <summary>Raises exceptions that carry the component they come from in <see cref="Exception.Data"/>.</summary>
internal static partial class Contracts
{
    public const string IsMarkedKey = "ML_IsMarked";
    public const string SensitivityKey = "ML_Sensitivity";

    public static TException Process<TException>(this TException ex, IExceptionContext ectx = null)
        where TException : Exception
    {
        return ectx == null ? Mark(ex) : ectx.Process(ex);
    }

    public static TException Mark<TException>(TException ex)
        where TException : Exception
    {
        ex.Data[IsMarkedKey] = 1;
        return ex;
    }

    public static bool IsMarked(this Exception ex) => ex.Data.Contains(IsMarkedKey);

    public static TException MarkSensitive<TException>(this TException ex, MessageSensitivity sensitivity)
        where TException : Exception
    {
        MessageSensitivity known = ex.Data[SensitivityKey] as MessageSensitivity? ?? MessageSensitivity.None;
        ex.Data[SensitivityKey] = known | sensitivity;
        return ex;
    }

    public static MessageSensitivity Sensitivity(this Exception ex)
    {
        return ex.Data[SensitivityKey] as MessageSensitivity? ?? MessageSensitivity.Unknown;
    }

    public static void CheckAlive(this IHostEnvironment env)
    {
        if (env is ICancelable { IsCanceled: true })
            throw Process(new OperationCanceledException("Operation was canceled."), env);
    }

    [Conditional("INVARIANT_CHECKS")]
    public static void CheckValueOrNull<T>(T val)
        where T : class
    {
    }

    [Conditional("INVARIANT_CHECKS")]
    public static void CheckValueOrNull<T>(this IExceptionContext ctx, T val)
        where T : class
    {
    }

    private static string GetMsg(string msg, params object[] args) => string.Format(CultureInfo.InvariantCulture, msg, args);
}

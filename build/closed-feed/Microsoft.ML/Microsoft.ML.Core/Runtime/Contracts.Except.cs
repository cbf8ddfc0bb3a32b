namespace Microsoft.ML.Runtime;

internal static partial class Contracts
{
    public static Exception Except()
        => Process(new InvalidOperationException());

    public static Exception Except(this IExceptionContext ctx)
        => Process(new InvalidOperationException(), ctx);

    public static Exception Except(string msg)
        => Process(new InvalidOperationException(msg));

    public static Exception Except(this IExceptionContext ctx, string msg)
        => Process(new InvalidOperationException(msg), ctx);

    public static Exception Except(string msg, params object[] args)
        => Process(new InvalidOperationException(GetMsg(msg, args)));

    public static Exception Except(this IExceptionContext ctx, string msg, params object[] args)
        => Process(new InvalidOperationException(GetMsg(msg, args)), ctx);

    public static Exception Except(Exception inner, string msg)
        => Process(new InvalidOperationException(msg, inner));

    public static Exception Except(this IExceptionContext ctx, Exception inner, string msg)
        => Process(new InvalidOperationException(msg, inner), ctx);

    public static Exception Except(Exception inner, string msg, params object[] args)
        => Process(new InvalidOperationException(GetMsg(msg, args), inner));

    public static Exception Except(this IExceptionContext ctx, Exception inner, string msg, params object[] args)
        => Process(new InvalidOperationException(GetMsg(msg, args), inner), ctx);

    public static Exception ExceptDecode()
        => Process(new FormatException());

    public static Exception ExceptDecode(this IExceptionContext ctx)
        => Process(new FormatException(), ctx);

    public static Exception ExceptDecode(string msg)
        => Process(new FormatException(msg));

    public static Exception ExceptDecode(this IExceptionContext ctx, string msg)
        => Process(new FormatException(msg), ctx);

    public static Exception ExceptDecode(string msg, params object[] args)
        => Process(new FormatException(GetMsg(msg, args)));

    public static Exception ExceptDecode(this IExceptionContext ctx, string msg, params object[] args)
        => Process(new FormatException(GetMsg(msg, args)), ctx);

    public static Exception ExceptDecode(Exception inner, string msg)
        => Process(new FormatException(msg, inner));

    public static Exception ExceptDecode(this IExceptionContext ctx, Exception inner, string msg)
        => Process(new FormatException(msg, inner), ctx);

    public static Exception ExceptDecode(Exception inner, string msg, params object[] args)
        => Process(new FormatException(GetMsg(msg, args), inner));

    public static Exception ExceptDecode(this IExceptionContext ctx, Exception inner, string msg, params object[] args)
        => Process(new FormatException(GetMsg(msg, args), inner), ctx);

    public static Exception ExceptIO()
        => Process(new IOException());

    public static Exception ExceptIO(this IExceptionContext ctx)
        => Process(new IOException(), ctx);

    public static Exception ExceptIO(string msg)
        => Process(new IOException(msg));

    public static Exception ExceptIO(this IExceptionContext ctx, string msg)
        => Process(new IOException(msg), ctx);

    public static Exception ExceptIO(string msg, params object[] args)
        => Process(new IOException(GetMsg(msg, args)));

    public static Exception ExceptIO(this IExceptionContext ctx, string msg, params object[] args)
        => Process(new IOException(GetMsg(msg, args)), ctx);

    public static Exception ExceptIO(Exception inner, string msg)
        => Process(new IOException(msg, inner));

    public static Exception ExceptIO(this IExceptionContext ctx, Exception inner, string msg)
        => Process(new IOException(msg, inner), ctx);

    public static Exception ExceptIO(Exception inner, string msg, params object[] args)
        => Process(new IOException(GetMsg(msg, args), inner));

    public static Exception ExceptIO(this IExceptionContext ctx, Exception inner, string msg, params object[] args)
        => Process(new IOException(GetMsg(msg, args), inner), ctx);

    public static Exception ExceptNotSupp()
        => Process(new NotSupportedException());

    public static Exception ExceptNotSupp(this IExceptionContext ctx)
        => Process(new NotSupportedException(), ctx);

    public static Exception ExceptNotSupp(string msg)
        => Process(new NotSupportedException(msg));

    public static Exception ExceptNotSupp(this IExceptionContext ctx, string msg)
        => Process(new NotSupportedException(msg), ctx);

    public static Exception ExceptNotSupp(string msg, params object[] args)
        => Process(new NotSupportedException(GetMsg(msg, args)));

    public static Exception ExceptNotSupp(this IExceptionContext ctx, string msg, params object[] args)
        => Process(new NotSupportedException(GetMsg(msg, args)), ctx);
}

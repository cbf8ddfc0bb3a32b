namespace Microsoft.ML.Mamba.Tests.Support;

internal static class Program
{
    private static void Main(string[] arguments) => FreshProcess.Serve(arguments);
}

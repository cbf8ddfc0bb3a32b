namespace Microsoft.ML.Mamba.Tests.Support;

internal static class Program
{
    private static void Main(string[] arguments)
    {
        if (arguments is [TrainingProcess.Command, ..])
            TrainingProcess.Serve(arguments);
        else
            FreshProcess.Serve(arguments);
    }
}

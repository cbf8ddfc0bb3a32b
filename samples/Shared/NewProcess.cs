using System.Diagnostics;

namespace Samples;

/// <summary>Starts this sample again, to show that the saved file is all that prediction needs.</summary>
internal static class NewProcess
{
    public static int Predict(FileInfo model, IEnumerable<string> inputs)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        var start = new ProcessStartInfo(program);
        // Under `dotnet Sample.dll` the process is the host, and the sample is its first argument.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (string argument in new[] { "predict", "--model", model.FullName, "--" }.Concat(inputs))
            start.ArgumentList.Add(argument);
        Console.Out.Flush();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        process.WaitForExit();
        return process.ExitCode;
    }
}

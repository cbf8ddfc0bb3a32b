using System.Diagnostics;
using System.Reflection;

namespace Microsoft.ML.Mamba.Samples.Tests;

/// <summary>Runs a sample as a user does, in a process of its own.</summary>
internal static class SampleProcess
{
    /// <param name="ExitCode">0 where all went well.</param>
    /// <param name="Output">What it wrote.</param>
    /// <param name="Errors">What it wrote as errors.</param>
    internal sealed record Result(int ExitCode, string Output, string Errors)
    {
        public string[] Lines => Output.Split('\n', StringSplitOptions.TrimEntries);

        /// <summary>The figures of the evaluation and the predictions: all that depends on the model.</summary>
        public string[] Findings => [.. Lines.SkipWhile(line => !line.StartsWith("micro accuracy", StringComparison.Ordinal))
            .Where(line => !s_others.Any(start => line.StartsWith(start, StringComparison.Ordinal)))];

        // Paths, and what only a report says.
        private static readonly string[] s_others = ["saved to", "report:", "warning:"];

        public Result Succeeded()
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Errors}");
            return this;
        }
    }

    public static Result Run(string sample, params string[] arguments)
    {
        using Process process = Start(sample, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, errors.Result);
    }

    /// <summary>Kills it when it has written a line that starts so.</summary>
    public static void KillAt(string lineStart, string sample, params string[] arguments)
    {
        using Process process = Start(sample, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string? line;
        do
            line = process.StandardOutput.ReadLine();
        while (line != null && !line.StartsWith(lineStart, StringComparison.Ordinal));
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        Assert.True(line != null, errors.Result);
    }

    private static Process Start(string sample, string[] arguments)
    {
        string folder = Path.Combine(Metadata("Samples"), sample);
        string name = Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(folder, "*.csproj")));
        string program = Path.Combine(folder, "bin", Metadata("Configuration"), "net10.0", name + ".dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static string Metadata(string key) =>
        typeof(SampleProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}

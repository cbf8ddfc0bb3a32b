using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Support;

/// <summary>Trains in a process of its own, which can be killed.</summary>
internal static class TrainingProcess
{
    public const string Command = "train";

    /// <param name="ResumedAtStep">Steps that had been made before, or -1 where it started anew.</param>
    /// <param name="Hash">A hash of the model's shape, weights and tokenizer.</param>
    internal sealed record Result(int ResumedAtStep, string Hash);

    /// <summary>Trains to the end.</summary>
    /// <param name="checkpoints">The checkpoint folder, or none.</param>
    public static Result Run(string? checkpoints)
    {
        using Process process = Start(checkpoints);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        string[] last = lines[^1].Split(' ');
        return new Result(int.Parse(last[1]), last[2]);
    }

    /// <summary>Trains until some time after a step and kills the process: SIGKILL where there is such a thing. Returns the last step that it told of.</summary>
    public static int RunAndKill(string checkpoints, int step, int delayMilliseconds)
    {
        using Process process = Start(checkpoints);
        process.StandardError.ReadToEndAsync();
        int last = 0;
        while (last < step && process.StandardOutput.ReadLine() is { } line)
            last = line.StartsWith("step ", StringComparison.Ordinal) ? int.Parse(line["step ".Length..]) : last;
        Thread.Sleep(delayMilliseconds);
        process.Kill();
        process.WaitForExit();
        Assert.NotEqual(0, process.ExitCode);
        return last;
    }

    public static void Serve(string[] arguments)
    {
        var ml = new MLContext();
        MambaClassificationOptions options = MambaClassificationOptions.ForText();
        (options.DModel, options.NumLayers, options.MaxEpochs, options.BatchSize, options.Seed, options.NumThreads) = (16, 1, 16, 8, 7, 1);
        (options.ValidationFraction, options.EarlyStoppingPatience) = (0.1, 10);
        options.Progress = new Writer();
        if (arguments.Length > 1)
            (options.CheckpointFolder, options.CheckpointEverySteps) = (arguments[1], 1);
        IDataView data = Train.WithKeys(ml, ml.Data.LoadFromEnumerable(Rows.Reviews(90)));
        using MambaTransformer model = ml.Transforms.MambaClassify(options).Fit(data);
        using var folder = new TempFolder();
        model.ExportTo(folder.Path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal))
            hash.AppendData(File.ReadAllBytes(file));
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', model.Labels)));
        Console.WriteLine($"ended {model.History.ResumedAtStep ?? -1} {Convert.ToHexString(hash.GetHashAndReset())}");
    }

    private static Process Start(string? checkpoints)
    {
        var start = new ProcessStartInfo(System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(TrainingProcess).Assembly.Location);
        start.ArgumentList.Add(Command);
        if (checkpoints is not null)
            start.ArgumentList.Add(checkpoints);
        return Process.Start(start)!;
    }

    // A step takes a few milliseconds at least, so that a process does not end before it is killed.
    private sealed class Writer : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            Console.WriteLine($"step {value.Step}");
            Thread.Sleep(5);
        }
    }
}

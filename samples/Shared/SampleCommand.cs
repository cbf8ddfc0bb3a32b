using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.ML;

namespace Samples;

/// <summary>What a sample was asked to do.</summary>
/// <param name="Data">The training table, or null for the sample's own data.</param>
/// <param name="Test">The test table, or null to hold a fifth of the training table back.</param>
/// <param name="Model">Where the model goes.</param>
/// <param name="Seed">The seed of everything random.</param>
/// <param name="Report">Where a report for a browser goes, or null for none.</param>
/// <param name="Checkpoints">Where the training is saved as it goes and gone on with, or null for none.</param>
/// <param name="Gpu">The number of the GPU to train on, or null for the CPU.</param>
internal sealed record TrainRequest(
    FileInfo? Data, FileInfo? Test, FileInfo Model, int Seed, FileInfo? Report, DirectoryInfo? Checkpoints, int? Gpu)
{
    /// <summary>The context that trains. A GPU that was asked for is used or missed, not quietly replaced.</summary>
    public MLContext CreateContext() => new(Seed) { GpuDeviceId = Gpu, FallbackToCpu = false };
}

/// <summary>What a sample takes.</summary>
/// <param name="Data">What <c>--data</c> says in the help.</param>
/// <param name="Name">What <c>predict</c> calls one input.</param>
/// <param name="Folders">Whether the data may be a folder.</param>
internal sealed record InputKind(string Data, string Name, bool Folders = false)
{
    public static InputKind Table(string columns, string name) =>
        new($"Train on this tab-separated table with a header line and the columns {columns}.", name);
}

/// <summary>The command line that all samples share: training is the default, <c>predict</c> uses a saved model.</summary>
internal static class SampleCommand
{
    public static int Run(
        string[] args,
        string name,
        string description,
        InputKind kind,
        Func<TrainRequest, CancellationToken, int> train,
        Func<FileInfo, string[], int> predict)
    {
        var data = new Option<FileInfo?>("--data") { Description = kind.Data };
        var test = new Option<FileInfo?>("--test") { Description = "Evaluate on this table; without it a fifth of --data is held back." };
        var model = new Option<FileInfo>("--model")
        {
            Description = "Where the model is saved, and loaded from.",
            DefaultValueFactory = _ => new FileInfo(Path.Combine(AppContext.BaseDirectory, name + ".zip")),
        };
        var seed = new Option<int>("--seed") { Description = "The seed of data, weights and shuffling.", DefaultValueFactory = _ => 1 };
        var report = new Option<FileInfo?>("--report") { Description = "Write a report of training and test to this file, as HTML." };
        var checkpoints = new Option<DirectoryInfo?>("--checkpoints")
        {
            Description = "Save the training in this folder as it goes; the same command goes on from there after an interruption.",
        };
        var gpu = new Option<int?>("--gpu")
        {
            Description = "Train on a GPU: the one of this number, or 0. Through build.sh, which adds the packages for it.",
            HelpName = "number",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = GpuNumber,
        };
        var inputs = new Argument<string[]>(kind.Name) { Description = "What to classify.", Arity = ArgumentArity.OneOrMore };

        var root = new RootCommand(description) { data, test, model, seed, report, checkpoints, gpu };
        root.Validators.Add(result =>
        {
            if (result.GetValue(data) == null && result.GetValue(test) != null)
                result.AddError("--test needs --data.");
            foreach (FileInfo? file in new[] { result.GetValue(data), result.GetValue(test) })
            {
                if (file is { Exists: false } && !(kind.Folders && Directory.Exists(file.FullName)))
                    result.AddError($"There is no file{(kind.Folders ? " or folder" : "")} '{file.FullName}'.");
            }

            if (result.GetValue(checkpoints) is { } folder && File.Exists(folder.FullName))
                result.AddError($"--checkpoints must be a folder; '{folder.FullName}' is a file.");
        });
        root.SetAction((result, cancellation) => Task.FromResult(Guarded(() => train(
            new TrainRequest(
                result.GetValue(data),
                result.GetValue(test),
                result.GetValue(model)!,
                result.GetValue(seed),
                result.GetValue(report),
                result.GetValue(checkpoints),
                result.GetValue(gpu)),
            cancellation))));

        var predictCommand = new Command("predict", "Load a saved model and classify.") { model, inputs };
        predictCommand.SetAction(result => Guarded(() => predict(result.GetValue(model)!, result.GetValue(inputs)!)));
        root.Subcommands.Add(predictCommand);
        return root.Parse(args).Invoke();
    }

    private static int? GpuNumber(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
            return 0;
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number;
        result.AddError($"--gpu takes the number of a GPU, from 0; got '{result.Tokens[0].Value}'.");
        return null;
    }

    private static int Guarded(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Cancelled.");
            return 130;
        }
        catch (Exception problem) when (problem
            is ArgumentException or InvalidDataException or InvalidOperationException or IOException or FormatException or UnauthorizedAccessException
            or InsufficientMemoryException)
        {
            Console.Error.WriteLine(problem.Message);
            return 1;
        }
    }
}

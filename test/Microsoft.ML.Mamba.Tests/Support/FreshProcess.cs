using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.Mamba.Tests.Support;

/// <summary>Loads a model file in a process of its own. What runs there must name no type of this library.</summary>
internal static class FreshProcess
{
    internal sealed record Result(bool KnownBefore, string Transformer, string[] Predicted, uint[][] ScoreBits);

    public static Result LoadAndScore(string modelPath, IEnumerable<string> sequences)
    {
        var start = new ProcessStartInfo(System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(FreshProcess).Assembly.Location);
        start.ArgumentList.Add(modelPath);
        foreach (string sequence in sequences)
            start.ArgumentList.Add(sequence);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return JsonSerializer.Deserialize<Result>(output)!;
    }

    public static void Serve(string[] arguments)
    {
        bool known = AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == "Microsoft.ML.Mamba");
        var ml = new MLContext(1);
        ITransformer model = ml.Model.Load(arguments[0], out _);
        IDataView scored = model.Transform(ml.Data.LoadFromEnumerable(arguments.Skip(1).Select(sequence => new TextRow { Sequence = sequence })));
        Console.Write(JsonSerializer.Serialize(new Result(
            known, model.GetType().Name, Read.Text(scored, "PredictedLabel"),
            [.. Read.Vectors(scored, "Score").Select(scores => scores.Select(BitConverter.SingleToUInt32Bits).ToArray())])));
    }
}

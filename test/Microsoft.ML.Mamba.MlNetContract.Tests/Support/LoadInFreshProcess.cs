using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

/// <summary>Loads a model file in a process of its own. The part that runs there must not name a type of the third party.</summary>
internal static class LoadInFreshProcess
{
    internal sealed record Result(bool KnownBefore, string Transformer, string[] InputColumns, string[] Predicted, float[][] Scores);

    private sealed class Input
    {
        public string Label { get; set; } = "";
        public float Value { get; set; }
    }

    public static Result Run(string modelPath, params float[] values)
    {
        string host = System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(LoadInFreshProcess).Assembly.Location);
        start.ArgumentList.Add(modelPath);
        foreach (float value in values)
            start.ArgumentList.Add(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return JsonSerializer.Deserialize<Result>(output)!;
    }

    /// <summary>The fresh process: loads, scores the given values, prints what it saw.</summary>
    private static void Main(string[] arguments)
    {
        bool known = AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name!.EndsWith("ThirdParty", StringComparison.Ordinal));
        var ml = new MLContext(1);
        ITransformer model = ml.Model.Load(arguments[0], out DataViewSchema schema);
        Input[] rows = arguments.Skip(1).Select(value => new Input { Value = float.Parse(value, System.Globalization.CultureInfo.InvariantCulture) }).ToArray();
        IDataView scored = ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel").Fit(model.Transform(ml.Data.LoadFromEnumerable(rows)))
            .Transform(model.Transform(ml.Data.LoadFromEnumerable(rows)));
        var result = new Result(known, model.GetType().Name, schema.Select(column => column.Name).ToArray(),
            Read.Text(scored, "Predicted").ToArray(), Read.Vectors<float>(scored, "Score").ToArray());
        Console.Write(JsonSerializer.Serialize(result));
    }
}

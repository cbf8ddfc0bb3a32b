namespace Microsoft.ML.Mamba.Samples.Tests;

/// <summary>All samples take the same options and do the same with them.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly SampleData _files = new();

    public static TheoryData<string> Samples => ["genomics", "text", "audio", "timeseries"];

    private string[] Arguments(string sample, string model, int seed = 3)
    {
        (string data, string test) = _files.Write(sample);
        return ["--data", data, "--test", test, "--model", _files.PathOf(model), "--seed", $"{seed}", "--checkpoints", _files.PathOf("checkpoints")];
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void DataToModelReportAndPredictions_AndOnceMoreFromTheCheckpoints(string sample)
    {
        string report = _files.PathOf("reports/page.html");
        SampleProcess.Result first = SampleProcess.Run(sample, [.. Arguments(sample, "first.zip"), "--report", report]).Succeeded();
        Assert.Contains($"checkpoints go to {_files.PathOf("checkpoints")}; after an interruption the same command goes on from there", first.Lines);
        Assert.Contains($"report: {report}", first.Lines);
        Assert.Contains("accuracy 1.000", first.Lines);
        // The few rows of these tests give series and recordings several models.
        string rate = sample is "audio" or "timeseries" ? "tokens/s for 3 models on cpu" : "tokens/s on cpu";
        Assert.Contains(first.Lines, line => line.StartsWith("epoch", StringComparison.Ordinal) && line.EndsWith(rate, StringComparison.Ordinal));
        Assert.Contains("</html>", File.ReadAllText(report), StringComparison.Ordinal);

        SampleProcess.Result again = SampleProcess.Run(sample, Arguments(sample, "again.zip")).Succeeded();
        Assert.Contains($"the training in {_files.PathOf("checkpoints")} had ended; its model is taken", again.Lines);
        Assert.DoesNotContain(again.Lines, line => line.StartsWith("epoch", StringComparison.Ordinal) || line.StartsWith("report:", StringComparison.Ordinal));
        Assert.Equal(first.Findings, again.Findings);

        string[] predictions = SampleProcess.Run(sample, ["predict", "--model", _files.PathOf("again.zip"), "--", .. _files.Inputs(sample)]).Succeeded().Lines;
        Assert.Matches(@"\bone: \d", predictions[0]);
        Assert.Matches(@"\btwo: \d", predictions[1]);
    }

    [Fact]
    public void KilledSample_GoesOnAndGivesTheSame()
    {
        SampleProcess.Result whole = SampleProcess.Run("text", Arguments("text", "whole.zip")).Succeeded();
        Directory.Delete(_files.PathOf("checkpoints"), recursive: true);
        SampleProcess.KillAt("epoch  9/", "text", Arguments("text", "rest.zip"));
        SampleProcess.Result rest = SampleProcess.Run("text", Arguments("text", "rest.zip")).Succeeded();
        Assert.Matches(@"goes on after \d+ steps, in epoch \d+, from the checkpoints in ", rest.Output);
        Assert.DoesNotContain("epoch  8/", rest.Output, StringComparison.Ordinal);
        Assert.Equal(whole.Findings, rest.Findings);
        SampleProcess.Result refused = SampleProcess.Run("text", Arguments("text", "other.zip", seed: 4));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Seed was 3 and is 4", refused.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Help_NamesEveryOption(string sample)
    {
        string help = SampleProcess.Run(sample, "--help").Succeeded().Output;
        string[] options = ["--data", "--test", "--model", "--seed", "--report", "--checkpoints", "--gpu", "predict"];
        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void WrongArguments_AreNamed(string sample)
    {
        (string data, _) = _files.Write(sample);
        string file = _files.PathOf("file"), none = _files.PathOf("none");
        File.WriteAllText(file, "");
        Refused($" '{none}'.", "--data", none);
        Refused($" '{none}'.", "--data", data, "--test", none);
        Refused("--test needs --data.", "--test", data);
        Refused($"--checkpoints must be a folder; '{file}' is a file.", "--checkpoints", file);
        Refused("--gpu takes the number of a GPU, from 0; got 'first'.", "--gpu", "first");
        // Only build.sh adds the engine for it; the CPU does not take its place.
        Refused("GPU 0 was asked for, but the package Microsoft.ML.Mamba.TorchSharp is not part of the application.", "--data", data, "--gpu");
        Refused("GPU 2 was asked for", "--data", data, "--gpu", "2");

        void Refused(string expected, params string[] arguments)
        {
            SampleProcess.Result result = SampleProcess.Run(sample, arguments);
            Assert.NotEqual(0, result.ExitCode);
            Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _files.Dispose();
}

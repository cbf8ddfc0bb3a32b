namespace Microsoft.ML.Mamba.Training;

public class TrainingHistoryTests
{
    private static readonly TrainingHistory s_history = new()
    {
        Epochs =
        [
            new()
            {
                Epoch = 1, Steps = 5, Tokens = 1L << 40, TrainingLoss = 0.1, LearningRate = 0.3f, ValidationLoss = 0.25,
                ValidationAccuracy = 1 / 3.0, Duration = TimeSpan.FromTicks(123456789),
            },
            new() { Epoch = 2, Steps = 6, Tokens = 7, TrainingLoss = double.NaN, LearningRate = 1e-9f, Duration = TimeSpan.FromDays(2) },
        ],
        BestEpoch = 1,
        StopReason = TrainingStopReason.EarlyStopped,
        Warning = "\"warned\" ünïcode",
        Guidance = ["more \"rows\"", "fewer classes"],
        TrainingRows = 10,
        ValidationRows = 3,
        TotalSteps = 11,
        TotalTokens = 1L << 41,
        TotalTime = TimeSpan.FromSeconds(1.5),
        Curve =
        [
            new() { Step = 4, Loss = 1 / 3.0, LearningRate = 0.1f, GradientNorm = 2 },
            new() { Step = 8, Loss = double.NaN, LearningRate = 0, GradientNorm = 1e300 },
        ],
        Confusion = new() { Classes = 2, Counts = [1, 0, 2, 0] },
        TrainingClassRows = [4, 6],
        ValidationClassRows = [1, 2],
        TrainingLengths = new() { Shortest = 1, Longest = 9, Mean = 4.5, Median = 4, BinWidth = 1, Counts = [1, 1, 1, 2, 1, 1, 1, 1, 1] },
        ValidationLengths = new() { Shortest = 5, Longest = 5, Mean = 5, Median = 5, BinWidth = 1, Counts = [3] },
        Options = new Dictionary<string, string> { ["LearningRate"] = "0.3", ["Ünï"] = "\"" },
        StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(-5)),
        ValidationTime = TimeSpan.FromTicks(7),
        PeakMemory = 1L << 40,
    };

    // Lists compare by reference; they are compared by themselves.
    private static TrainingHistory WithoutLists(TrainingHistory history) => history with
    {
        Epochs = [], Guidance = [], Curve = [], Confusion = null, TrainingClassRows = [], ValidationClassRows = [], TrainingLengths = null,
        ValidationLengths = null, Options = s_history.Options,
    };

    [Fact]
    public void Json_RoundTrips()
    {
        TrainingHistory restored = TrainingHistory.FromJson(s_history.ToJson());
        Assert.Equal(s_history.Epochs, restored.Epochs);
        Assert.Equal(WithoutLists(s_history), WithoutLists(restored));
        Assert.Equal(s_history.Curve, restored.Curve);
        Assert.Equal((2, 3L), (restored.Confusion!.Classes, restored.Confusion.Total));
        Assert.Equal(s_history.Confusion!.Counts, restored.Confusion.Counts);
        Assert.Equal(s_history.Guidance, restored.Guidance);
        Assert.Equal([4, 6], restored.TrainingClassRows);
        Assert.Equal([1, 2], restored.ValidationClassRows);
        Assert.Equal(s_history.TrainingLengths!.Counts, restored.TrainingLengths!.Counts);
        Assert.Equal(s_history.TrainingLengths with { Counts = [] }, restored.TrainingLengths with { Counts = [] });
        Assert.Equal(s_history.ValidationLengths!.Counts, restored.ValidationLengths!.Counts);
        Assert.Equal(s_history.Options, restored.Options);
        Assert.Contains("\"stop_reason\":\"EarlyStopped\"", s_history.ToJson());
        TrainingHistory empty = s_history with { Epochs = [], BestEpoch = null, Warning = null };
        Assert.Equal(WithoutLists(empty), WithoutLists(TrainingHistory.FromJson(empty.ToJson())));
    }

    [Fact]
    public void Json_OfTheFirstRelease_IsStillRead()
    {
        TrainingHistory old = TrainingHistory.FromJson(
            """
            {"version":1,"epochs":[{"epoch":1,"steps":5,"tokens":9,"training_loss":0.5,"learning_rate":0.25,"duration":"00:00:01"}],
             "stop_reason":"Completed","training_rows":10,"validation_rows":0,"total_steps":5,"total_tokens":9,"total_time":"00:00:01.5",
             "of_a_newer_release":{"a":[1]}}
            """);
        Assert.Equal((5, 1), (old.TotalSteps, old.Epochs.Count));
        Assert.Empty(old.Curve);
        Assert.Empty(old.Guidance);
        Assert.Empty(old.Options);
        Assert.Equal((null, null, null, null), (old.Confusion, old.TrainingLengths, old.StartedAt, old.PeakMemory));
    }

    [Fact]
    public void Json_OfATraining_RoundTrips()
    {
        TrainingHistory history = MambaTrainer.Train(new FakeModel(), TrainingData.Tokens(30), null, new() { MaxEpochs = 2, ValidationFraction = 0.2 });
        Assert.Equal(history.Epochs, TrainingHistory.FromJson(history.ToJson()).Epochs);
    }

    [Fact]
    public void BadJson_IsRefused()
    {
        string json = s_history.ToJson();
        Assert.Contains("version 2", Error(json.Replace("\"version\":1", "\"version\":2")));
        Assert.Contains("epochs", Error("{}"));
        Assert.Contains("null", Error("null"));
        Error("");
        Error("[]");
        Error(json.Replace("\"epochs\":[", "\"epochs\":[null,"));
        Error(json.Replace("\"epochs\":[", "\"epochs\":7,\"x\":["));
        Error(json.Replace("EarlyStopped", "Bored"));
        Assert.Contains("got 7", Error(json.Replace("\"EarlyStopped\"", "7")));
        Error(json.Replace("\"training_rows\":10", "\"training_rows\":1e40"));
        Error(json[..^1]);
        Error(json.Replace("\"curve\":[", "\"curve\":[null,"));
        Error(json.Replace("\"0.3\"", "null"));
        Error(json.Replace("\"fewer classes\"", "null"));
        Assert.Contains("confusion matrix", Error(json.Replace("\"counts\":[1,0,2,0]", "\"counts\":[1,0,2]")));
        Assert.Contains("confusion matrix", Error(json.Replace("\"counts\":[1,0,2,0]", "\"counts\":[1,0,2,-1]")));
        Assert.Contains("confusion matrix", Error(json.Replace("\"classes\":2", "\"classes\":-2")));
        Assert.Contains("length distribution", Error(json.Replace("\"shortest\":1,", "\"shortest\":10,")));
        Assert.Contains("2001 points", Error((s_history with { Curve = [.. Enumerable.Repeat(s_history.Curve[0], 2001)] }).ToJson()));
        Error("{\"epochs\":" + new string('[', 10_000));

        static string Error(string json) => Assert.Throws<InvalidDataException>(() => TrainingHistory.FromJson(json)).Message;
    }
}

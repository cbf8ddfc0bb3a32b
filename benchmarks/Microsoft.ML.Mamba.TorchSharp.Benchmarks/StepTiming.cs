using System.Diagnostics;

namespace Microsoft.ML.Mamba.TorchSharp.Benchmarks;

/// <summary>Medians of whole steps, in seconds; each call waits for the device's results.</summary>
internal sealed record StepTiming(double Training, double Scoring, float Loss)
{
    private const double MinimumSeconds = 1;

    public static StepTiming Measure(EngineCase engine, StepCase step)
    {
        using IMambaModel model = engine.Engine.CreateModel(step.Config, MambaInitializer.Create(step.Config, seed: 1));
        (SequenceBatch batch, int[] targets) = Data(step);
        var logits = new float[step.Sequences * step.Config.NumClasses];
        double scoring = Median(() => model.Forward(batch, logits));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        float loss = 0;
        // A fixed number of steps first, so that the losses of engines can be compared.
        for (int i = 0; i < 20 && (i < 3 || engine.IsGpu); i++)
            loss = session.TrainStep(batch, targets, learningRate: 1e-3f).Loss;
        double training = Median(() => session.TrainStep(batch, targets, learningRate: 1e-5f));
        return new StepTiming(training, scoring, loss);
    }

    public static void Profile(EngineCase engine, StepCase step)
    {
        using IMambaModel model = engine.Engine.CreateModel(step.Config, MambaInitializer.Create(step.Config, seed: 1));
        (SequenceBatch batch, int[] targets) = Data(step);
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        session.TrainStep(batch, targets, learningRate: 1e-3f);
        session.TrainStep(batch, targets, learningRate: 1e-3f);
    }

    private static (SequenceBatch Batch, int[] Targets) Data(StepCase step)
    {
        var random = new Random(5);
        int[] tokens = [.. Enumerable.Range(0, step.Tokens).Select(_ => random.Next(step.Config.VocabSize))];
        int[] offsets = [.. Enumerable.Range(0, step.Sequences + 1).Select(i => i * step.Length)];
        return (SequenceBatch.FromTokens(tokens, offsets), [.. Enumerable.Range(0, step.Sequences).Select(_ => random.Next(step.Config.NumClasses))]);
    }

    private static double Median(Action action)
    {
        for (int i = 0; i < 2; i++)
            action();
        var times = new List<double>();
        var all = Stopwatch.StartNew();
        while (times.Count < 3 || (all.Elapsed.TotalSeconds < MinimumSeconds && times.Count < 50))
        {
            long start = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }
}

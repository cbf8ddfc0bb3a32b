using System.Globalization;
using Microsoft.ML.Mamba.Benchmarks.Operators;
using Microsoft.ML.Mamba.Benchmarks.Reporting;
using Microsoft.ML.Mamba.Cpu;
using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Steps;

/// <summary>Whole training steps and scoring passes, beside the sum of their operators measured alone at the same shapes.</summary>
internal static class StepTable
{
    public static void Print(IEnumerable<StepShape> shapes, int threads)
    {
        Console.WriteLine("| model and batch | threads | training step, ms | sum of its operators, ms | ratio | tokens/s training | tokens/s scoring |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (StepShape shape in shapes)
        {
            var steps = new List<double>();
            foreach (int count in new[] { 1, threads }.Distinct())
            {
                double operators = SumOfOperators(shape, count);
                (double training, double scoring) = Measure(shape, count);
                steps.Add(training);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {shape.Name} | {count} | {training * 1e3:F2} | {operators * 1e3:F2} | {training / operators:F2} | "
                    + $"{shape.Tokens / training:N0} | {shape.Tokens / scoring:N0} |"));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {shape.Name} | speed-up | {steps[0] / steps[^1]:F2}x | | | | |"));
        }
    }

    private static double SumOfOperators(StepShape shape, int threads)
    {
        using var parallel = new CpuParallel(threads);
        double sum = 0;
        foreach ((int times, OperatorCase operation) in shape.Operators())
            sum += times * Clock.Seconds(operation.Prepare(parallel));
        return sum;
    }

    private static (double Training, double Scoring) Measure(StepShape shape, int threads)
    {
        var random = new Random(5);
        var engine = new CpuMambaEngine(new CpuMambaEngineOptions { Threads = threads });
        using IMambaModel model = engine.CreateModel(shape.Config, MambaInitializer.Create(shape.Config, seed: 1));
        int[] tokens = [.. Enumerable.Range(0, shape.Tokens).Select(_ => random.Next(shape.Config.VocabSize))];
        SequenceBatch batch = SequenceBatch.FromTokens(tokens, Buffers.Offsets(shape.Tokens, shape.Sequences));
        int[] targets = [.. Enumerable.Range(0, shape.Sequences).Select(_ => random.Next(shape.Config.NumClasses))];
        var logits = new float[shape.Sequences * shape.Config.NumClasses];
        double scoring = Clock.Seconds(() => model.Forward(batch, logits));
        using IMambaTrainingSession session = model.StartTraining(new MambaTrainingSettings());
        double training = Clock.Seconds(() => session.TrainStep(batch, targets, learningRate: 1e-5f));
        return (training, scoring);
    }
}

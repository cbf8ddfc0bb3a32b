using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba;
using Microsoft.ML.Runtime;

namespace Samples;

/// <summary>What every sample does once it has its rows: train, evaluate, save, and predict in a new process.</summary>
internal static class ClassificationSample
{
    public static (IDataView Train, IDataView Test) Split(MLContext mlContext, TrainRequest request, Func<MLContext, string, IDataView> load)
    {
        IDataView data = load(mlContext, request.Data!.FullName);
        if (request.Test != null)
            return (data, load(mlContext, request.Test.FullName));
        DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2, seed: request.Seed);
        return (split.TrainSet, split.TestSet);
    }

    public static int Run(
        MLContext mlContext,
        TrainRequest request,
        (IDataView Train, IDataView Test) data,
        MambaClassificationOptions options,
        Func<MLContext, IDataView, MambaClassificationOptions, ITransformer> train,
        Action<MLContext, ITransformer, IDataView, string> save,
        Func<IDataView, IEnumerable<string>> examples,
        Action<ITransformer, IDataView>? explain = null)
    {
        options.CheckpointFolder = request.Checkpoints?.FullName;
        var warnings = new List<string>();
        mlContext.Log += (_, entry) =>
        {
            if (entry.Kind != ChannelMessageKind.Warning)
                return;
            lock (warnings)
                warnings.Add(entry.RawMessage);
        };
        ITransformer model = TrainingDisplay.Run(progress =>
        {
            options.Progress = progress;
            return train(mlContext, data.Train, options);
        }, request.Checkpoints);

        // Not while the progress is shown, which they would tear apart.
        WriteWarnings();
        MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(data.Test));
        Report.Metrics(metrics);
        // The model first: what comes after may fail, and training is not to be in vain.
        save(mlContext, model, data.Train, request.Model.FullName);
        if (request.Report != null)
        {
            request.Report.Directory!.Create();
            model.WriteReport(request.Report.FullName, data.Test);
            WriteWarnings();
            Console.WriteLine($"report: {request.Report.FullName}");
        }

        explain?.Invoke(model, data.Test);
        Console.WriteLine($"saved to {request.Model.FullName} ({new FileInfo(request.Model.FullName).Length / 1024} KiB); a new process loads it:");
        int code = NewProcess.Predict(request.Model, examples(mlContext.Data.TakeRows(data.Test, 4)));
        Console.WriteLine(FormattableString.Invariant($"accuracy {metrics.MicroAccuracy:F3}"));
        return code;

        void WriteWarnings()
        {
            lock (warnings)
            {
                foreach (string warning in warnings)
                    Console.WriteLine($"warning: {warning}");
                warnings.Clear();
            }
        }
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba;
using Samples;
using static Samples.TextModel;

return SampleCommand.Run(
    args,
    "text",
    "Classifies texts. Without arguments it learns to tell praise from complaint in short reviews of its own making.",
    "Label and Text",
    Train,
    Predict);

static int Train(TrainRequest request, CancellationToken cancellation)
{
    var mlContext = new MLContext(request.Seed);
    (IDataView train, IDataView test) = Load(mlContext, request);

    MambaClassificationOptions options = MambaClassificationOptions.ForText();
    options.SequenceColumnName = "Text";
    options.CancellationToken = cancellation;
    ITransformer model = TrainingDisplay.Run(progress =>
    {
        options.Progress = progress;
        return TextModel.Train(mlContext, train, options);
    });

    MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(test));
    Report.Metrics(metrics);
    SaveModel(mlContext, model, train, request.Model.FullName);
    Console.WriteLine($"saved to {request.Model.FullName} ({new FileInfo(request.Model.FullName).Length / 1024} KiB); a new process loads it:");
    string[] some = [.. mlContext.Data.CreateEnumerable<ModelInput>(mlContext.Data.TakeRows(test, 4), reuseRowObject: false).Select(row => row.Text)];
    int code = NewProcess.Predict(request.Model, some);
    Report.Accuracy(metrics);
    return code;
}

static int Predict(FileInfo model, string[] texts)
{
    ModelPath = model.FullName;
    foreach (string text in texts)
        Report.Prediction(text, expected: null, PredictAllLabels(new ModelInput { Text = text }));
    return 0;
}

static (IDataView Train, IDataView Test) Load(MLContext mlContext, TrainRequest request)
{
    if (request.Data == null)
    {
        Console.WriteLine("4,000 reviews to learn from, 1,000 to be tested on; half of them praise.");
        var generator = new ReviewGenerator(request.Seed);
        return (mlContext.Data.LoadFromEnumerable(generator.Rows(4_000)), mlContext.Data.LoadFromEnumerable(generator.Rows(1_000)));
    }

    IDataView data = LoadIDataViewFromFile(mlContext, request.Data.FullName);
    if (request.Test != null)
        return (data, LoadIDataViewFromFile(mlContext, request.Test.FullName));
    DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2, seed: request.Seed);
    return (split.TrainSet, split.TestSet);
}

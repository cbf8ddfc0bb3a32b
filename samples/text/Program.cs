using Microsoft.ML;
using Microsoft.ML.Mamba;
using Samples;
using static Samples.TextModel;

return SampleCommand.Run(
    args,
    "text",
    "Classifies texts. Without arguments it learns to tell praise from complaint in short reviews of its own making.",
    InputKind.Table("Label and Text", "text"),
    Train,
    Predict);

static int Train(TrainRequest request, CancellationToken cancellation)
{
    MLContext mlContext = request.CreateContext();
    MambaClassificationOptions options = MambaClassificationOptions.ForText();
    options.SequenceColumnName = "Text";
    options.CancellationToken = cancellation;
    return ClassificationSample.Run(
        mlContext,
        request,
        request.Data == null ? Generate(mlContext, request.Seed) : ClassificationSample.Split(mlContext, request, LoadIDataViewFromFile),
        options,
        TextModel.Train,
        SaveModel,
        rows => mlContext.Data.CreateEnumerable<ModelInput>(rows, reuseRowObject: false).Select(row => row.Text));
}

static int Predict(FileInfo model, string[] texts)
{
    ModelPath = model.FullName;
    foreach (string text in texts)
        Report.Prediction(text, PredictAllLabels(new ModelInput { Text = text }));
    return 0;
}

static (IDataView Train, IDataView Test) Generate(MLContext mlContext, int seed)
{
    Console.WriteLine("4,000 reviews to learn from, 1,000 to be tested on; half of them praise.");
    var generator = new ReviewGenerator(seed);
    return (mlContext.Data.LoadFromEnumerable(generator.Rows(4_000)), mlContext.Data.LoadFromEnumerable(generator.Rows(1_000)));
}

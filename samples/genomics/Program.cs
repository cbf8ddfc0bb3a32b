using Microsoft.ML;
using Microsoft.ML.Mamba;
using Samples;
using static Samples.GenomicsModel;

return SampleCommand.Run(
    args,
    "genomics",
    "Classifies DNA. Without arguments it learns to tell bacterial promoters from random sequence of the same composition.",
    "Label and Sequence",
    Train,
    Predict);

static int Train(TrainRequest request, CancellationToken cancellation)
{
    var mlContext = new MLContext(request.Seed);
    MambaClassificationOptions options = MambaClassificationOptions.ForDna();
    options.CancellationToken = cancellation;
    return ClassificationSample.Run(
        mlContext,
        request,
        request.Data == null ? Generate(mlContext, request.Seed) : ClassificationSample.Split(mlContext, request, LoadIDataViewFromFile),
        options,
        GenomicsModel.Train,
        SaveModel,
        rows => mlContext.Data.CreateEnumerable<ModelInput>(rows, reuseRowObject: false).Select(row => row.Sequence));
}

static int Predict(FileInfo model, string[] sequences)
{
    ModelPath = model.FullName;
    foreach (string sequence in sequences)
        Report.Prediction(sequence, PredictAllLabels(new ModelInput { Sequence = sequence }));
    return 0;
}

static (IDataView Train, IDataView Test) Generate(MLContext mlContext, int seed)
{
    Console.WriteLine("3,000 sequences of 60 bases to learn from, 1,000 to be tested on; half of them promoters.");
    var generator = new PromoterGenerator(seed);
    return (mlContext.Data.LoadFromEnumerable(generator.Rows(3_000)), mlContext.Data.LoadFromEnumerable(generator.Rows(1_000)));
}

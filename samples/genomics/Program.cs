using Microsoft.ML;
using Microsoft.ML.Mamba;
using Samples;
using static Samples.GenomicsModel;

return SampleCommand.Run(
    args,
    "genomics",
    "Classifies DNA. Without arguments it learns to tell bacterial promoters from random sequence of the same composition.",
    new InputKind(
        "Train on this tab-separated table with a header line and the columns Label and Sequence, or on the FASTA files in this folder, one a class.",
        "sequence",
        Folders: true),
    Train,
    Predict);

static int Train(TrainRequest request, CancellationToken cancellation)
{
    MLContext mlContext = request.CreateContext();
    MambaClassificationOptions options = MambaClassificationOptions.ForDna();
    options.CancellationToken = cancellation;
    return ClassificationSample.Run(
        mlContext,
        request,
        request.Data == null ? Generate(mlContext, request.Seed) : ClassificationSample.Split(mlContext, request, LoadIDataViewFromFile),
        options,
        GenomicsModel.Train,
        SaveModel,
        rows => mlContext.Data.CreateEnumerable<ModelInput>(rows, reuseRowObject: false).Select(row => row.Sequence),
        (model, test) => ShowMotifs(mlContext, model, test, request.Data == null ? ["promoter"] : null));
}

static int Predict(FileInfo model, string[] sequences)
{
    ModelPath = model.FullName;
    foreach (string sequence in sequences)
        Report.Prediction(sequence, PredictAllLabels(new ModelInput { Sequence = sequence }));
    return 0;
}

// What the model looks at: the bases that move the logit of a class most, in the test rows of that class.
static void ShowMotifs(MLContext mlContext, ITransformer model, IDataView test, IReadOnlyList<string>? labels)
{
    ModelInput[] rows = [.. mlContext.Data.CreateEnumerable<ModelInput>(test, reuseRowObject: false)];
    IReadOnlyList<string> known = ((IEnumerable<ITransformer>)model).OfType<MambaTransformer>().Single().Labels;
    foreach (string label in labels ?? [.. known.Where(label => rows.Any(row => row.Label == label)).Take(4)])
    {
        IDataView own = mlContext.Data.LoadFromEnumerable(rows.Where(row => row.Label == label).Take(500));
        IDataView explained = mlContext.Transforms.MambaSaliency(model, label: label).Fit(own).Transform(own);
        Motif.Explained[] sequences = [.. mlContext.Data.CreateEnumerable<Motif.Explained>(explained, reuseRowObject: false)];
        Console.WriteLine($"what the model sees in {label}, {sequences.Length} test rows:");
        for (int i = 0; i < 2 && Motif.Strongest(sequences) is { } motif; i++)
        {
            string[] logo = [.. motif.Logo().SkipWhile(string.IsNullOrWhiteSpace)];
            foreach (string line in logo[..^1])
                Console.WriteLine($"  {line}");
            Console.WriteLine(FormattableString.Invariant($"  {logo[^1]}   in {motif.Rows} rows, mostly about base {motif.Start:F0}"));
        }
    }

    Console.WriteLine();
}

static (IDataView Train, IDataView Test) Generate(MLContext mlContext, int seed)
{
    Console.WriteLine("3,000 sequences of 60 bases to learn from, 1,000 to be tested on; half of them promoters.");
    var generator = new PromoterGenerator(seed);
    return (mlContext.Data.LoadFromEnumerable(generator.Rows(3_000)), mlContext.Data.LoadFromEnumerable(generator.Rows(1_000)));
}

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba;
using Samples;
using static Samples.TimeSeriesModel;

return SampleCommand.Run(
    args,
    "timeseries",
    "Classifies time series. Without arguments it learns to tell four kinds of heartbeat in electrocardiograms of its own making.",
    InputKind.Table("Label, t0, t1, t2 ... (one row a series), or Id, Label and one column a channel (one row a time step)", "table"),
    Train,
    Predict);

static int Train(TrainRequest request, CancellationToken cancellation)
{
    MLContext mlContext = request.CreateContext();
    MambaClassificationOptions options = MambaClassificationOptions.ForFrames();
    options.MissingValues = MissingValues.CarryForward;
    options.CancellationToken = cancellation;
    return ClassificationSample.Run(
        mlContext,
        request,
        request.Data == null ? Generate(mlContext, request.Seed) : ClassificationSample.Split(mlContext, request, LoadIDataViewFromFile),
        options,
        TimeSeriesModel.Train,
        SaveModel,
        rows => [WriteTable(mlContext, rows, Path.ChangeExtension(request.Model.FullName, ".examples.tsv"))]);
}

static int Predict(FileInfo model, string[] tables)
{
    var mlContext = new MLContext();
    ModelPath = model.FullName;
    ITransformer transformer = mlContext.Model.Load(ModelPath, out _);
    foreach (string table in tables)
    {
        IDataView rows = LoadIDataViewFromFile(mlContext, table);
        // A row's values say not how many channels they are; the table's schema does, and the model refuses another number.
        transformer.GetOutputSchema(rows.Schema);
        foreach (ModelInput row in mlContext.Data.CreateEnumerable<ModelInput>(rows, reuseRowObject: false))
            Report.Prediction($"{row.Sequence.Length} values, labelled {row.Label}", PredictAllLabels(row));
    }

    return 0;
}

static (IDataView Train, IDataView Test) Generate(MLContext mlContext, int seed)
{
    Console.WriteLine("800 strips of 2 to 3 seconds and 3 leads to learn from, 400 to be tested on; a quarter of each kind.");
    var generator = new HeartbeatGenerator(seed);
    SchemaDefinition schema = SchemaDefinition.Create(typeof(ModelInput));
    schema["Sequence"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 0, HeartbeatGenerator.Leads);
    return (mlContext.Data.LoadFromEnumerable(generator.Rows(800), schema), mlContext.Data.LoadFromEnumerable(generator.Rows(400), schema));
}

// Series are too long for a command line, so the new process reads them from a table, one row a time step.
static string WriteTable(MLContext mlContext, IDataView rows, string path)
{
    var type = (VectorDataViewType)rows.Schema["Sequence"].Type;
    int channels = type.Dimensions.Length == 2 ? type.Dimensions[1] : 1, id = 0;
    using var table = new StreamWriter(path);
    table.WriteLine($"Id\tLabel\t{string.Join('\t', Enumerable.Range(1, channels).Select(channel => $"channel{channel}"))}");
    foreach (ModelInput row in mlContext.Data.CreateEnumerable<ModelInput>(rows, reuseRowObject: false))
    {
        id++;
        foreach (float[] frame in row.Sequence.Chunk(channels))
        {
            IEnumerable<string> values = frame.Select(value => float.IsNaN(value) ? "" : value.ToString(CultureInfo.InvariantCulture));
            table.WriteLine($"{id}\t{row.Label}\t{string.Join('\t', values)}");
        }
    }

    return path;
}

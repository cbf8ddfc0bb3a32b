using Microsoft.ML;
using Microsoft.ML.Mamba;
using Samples;
using static Samples.AudioModel;

return SampleCommand.Run(
    args,
    "audio",
    "Classifies recordings. Without arguments it learns the keys of a telephone by their tones, over a bad line.",
    new InputKind(
        "Train on these recordings: a folder with one folder of WAV files a class, or a tab-separated table with a header line and the columns Label and File; "
        + "where it has a column Split, its rows 'train' and 'test' are used so.",
        "file",
        Folders: true),
    Train,
    Predict);

static int Train(TrainRequest request, CancellationToken cancellation)
{
    if (request.Data != null)
        return TrainOn(request, cancellation);
    DirectoryInfo folder = Directory.CreateTempSubdirectory("mamba-audio-");
    try
    {
        FileInfo index = new KeypadGenerator(request.Seed).Write(folder.FullName, trainingCount: 960, testCount: 360);
        Console.WriteLine($"960 recordings of 12 keys to learn from, 360 to be tested on, as WAV files in {folder.FullName}.");
        return TrainOn(request with { Data = index }, cancellation);
    }
    finally
    {
        folder.Delete(recursive: true);
    }
}

static int TrainOn(TrainRequest request, CancellationToken cancellation)
{
    MLContext mlContext = request.CreateContext();
    MambaClassificationOptions options = MambaClassificationOptions.ForFrames();
    options.CancellationToken = cancellation;
    return ClassificationSample.Run(
        mlContext,
        request,
        Load(mlContext, request),
        options,
        AudioModel.Train,
        SaveModel,
        rows => mlContext.Data.CreateEnumerable<ModelInput>(rows, reuseRowObject: false).Select(row => row.File));
}

static int Predict(FileInfo model, string[] files)
{
    ModelPath = model.FullName;
    foreach (string file in files)
        Report.Prediction(Path.GetFileName(file), PredictAllLabels(new ModelInput { File = file }));
    return 0;
}

// A table may say itself which rows are for training and which for the test.
static (IDataView Train, IDataView Test) Load(MLContext mlContext, TrainRequest request)
{
    string path = request.Data!.FullName;
    if (request.Test != null || Directory.Exists(path) || LoadIDataViewFromFile(mlContext, path).Schema.GetColumnOrNull("Split") == null)
        return ClassificationSample.Split(mlContext, request, LoadIDataViewFromFile);
    return (mlContext.Data.LoadFromWavTable(path, split: "train"), mlContext.Data.LoadFromWavTable(path, split: "test"));
}

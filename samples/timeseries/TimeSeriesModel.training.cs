using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba;

namespace Samples;

/// <summary>Trains the model and saves it.</summary>
public partial class TimeSeriesModel
{
    /// <summary>
    /// Reads a tab-separated table with a header line: with a column Id, one row a time step and one column a channel; else one row a
    /// series, its label first, then one column a time step.
    /// </summary>
    public static IDataView LoadIDataViewFromFile(MLContext mlContext, string path)
    {
        string[] columns = (File.ReadLines(path).FirstOrDefault() ?? "").Split('\t');
        if (columns.Contains("Id"))
            return mlContext.Data.LoadFromSeriesTable(path);
        if (columns.Length < 2 || columns[0] != "Label")
            throw new InvalidDataException(
                $"'{path}': the header must be 'Label' and a column a time step, or have a column 'Id'; "
                + $"it starts with '{columns[0]}' and has {columns.Length} columns.");
        CheckCells(path, columns.Length);
        return mlContext.Data.LoadFromTextFile(path, new TextLoader.Options
        {
            HasHeader = true,
            MissingRealsAsNaNs = true,
            Columns = [new TextLoader.Column("Label", DataKind.String, 0), new TextLoader.Column("Sequence", DataKind.Single, 1, columns.Length - 1)],
        });
    }

    // ML.NET's loader takes cells that a line lacks for missing values, and leaves out those that are too many.
    private static void CheckCells(string path, int columns)
    {
        foreach ((int index, string line) in File.ReadLines(path).Index())
        {
            int cells = line.Count(letter => letter == '\t') + 1;
            if (line.Length > 0 && cells != columns)
                throw new InvalidDataException($"'{path}', line {index + 1}: there are {cells} cells, but {columns} columns in the header.");
        }
    }

    /// <summary>Label to key, Mamba over the frames of the series, key back to label.</summary>
    public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext, MambaClassificationOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.MambaClassify(options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    /// <summary>Fits the pipeline.</summary>
    public static ITransformer Train(MLContext mlContext, IDataView trainData, MambaClassificationOptions options) =>
        BuildPipeline(mlContext, options).Fit(trainData);

    /// <summary>Writes the whole chain into one zip.</summary>
    public static void SaveModel(MLContext mlContext, ITransformer model, IDataView data, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        mlContext.Model.Save(model, data.Schema, path);
    }
}

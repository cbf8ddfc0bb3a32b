using Microsoft.ML;
using Microsoft.ML.Mamba;

namespace Samples;

/// <summary>Trains the model and saves it.</summary>
public partial class GenomicsModel
{
    /// <summary>Reads a tab-separated table with a header line, or a folder with a FASTA file a class, whose name is the label.</summary>
    public static IDataView LoadIDataViewFromFile(MLContext mlContext, string path) => Directory.Exists(path)
        ? mlContext.Data.LoadFromFasta(path, new FastaOptions { Label = SequenceLabel.FromFileName() })
        : mlContext.Data.LoadFromTextFile<ModelInput>(path, separatorChar: '\t', hasHeader: true, allowQuoting: false);

    /// <summary>Label to key, Mamba over the letters of the sequence, key back to label.</summary>
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

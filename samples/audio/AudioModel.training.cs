using Microsoft.ML;
using Microsoft.ML.Mamba;
using Microsoft.ML.Mamba.Audio;

namespace Samples;

/// <summary>Trains the model and saves it.</summary>
public partial class AudioModel
{
    /// <summary>Lists recordings: a folder with one folder of WAV files a class, or a table with the columns Label and File. The pipeline reads them.</summary>
    public static IDataView LoadIDataViewFromFile(MLContext mlContext, string path) => Directory.Exists(path)
        ? mlContext.Data.LoadFromFolders(path, "*.wav")
        : mlContext.Data.LoadFromWavTable(path);

    /// <summary>
    /// Label to key, file to waveform to mel spectrogram, Mamba over its frames, key back to label. How the bands change helps with voices
    /// that were not heard in training.
    /// </summary>
    public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext, MambaClassificationOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadWav("Waveform", "File", resample: true))
            .Append(mlContext.Transforms.MelSpectrogram(new MelSpectrogramOptions { Deltas = 1 }))
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

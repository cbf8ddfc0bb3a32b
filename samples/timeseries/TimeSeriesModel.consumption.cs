using Microsoft.ML;
using Microsoft.ML.Data;

namespace Samples;

/// <summary>Uses the saved model: nothing here knows how it was trained.</summary>
public partial class TimeSeriesModel
{
    /// <summary>One series.</summary>
    public class ModelInput
    {
        [ColumnName("Label")]
        public string Label { get; set; } = "";

        /// <summary>Values frame by frame, all channels of the first time step first. NaN is a missing value.</summary>
        [ColumnName("Sequence")]
        public float[] Sequence { get; set; } = [];
    }

    /// <summary>What the model says of a series.</summary>
    public class ModelOutput
    {
        [ColumnName("PredictedLabel")]
        public string PredictedLabel { get; set; } = "";

        [ColumnName("Score")]
        public float[] Score { get; set; } = [];
    }

    /// <summary>The file that <see cref="Predict"/> loads when it is first called.</summary>
    public static string ModelPath { get; set; } = Path.Combine(AppContext.BaseDirectory, "timeseries.zip");

    public static readonly Lazy<PredictionEngine<ModelInput, ModelOutput>> PredictEngine = new(CreatePredictEngine, isThreadSafe: true);

    /// <summary>The most likely class of a series and the probability of each.</summary>
    public static ModelOutput Predict(ModelInput input) => PredictEngine.Value.Predict(input);

    /// <summary>All classes with their probabilities, the most likely first.</summary>
    public static IOrderedEnumerable<KeyValuePair<string, float>> PredictAllLabels(ModelInput input)
    {
        ModelOutput output = Predict(input);
        return GetLabels().Zip(output.Score, KeyValuePair.Create).OrderByDescending(score => score.Value);
    }

    private static IEnumerable<string> GetLabels()
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        PredictEngine.Value.OutputSchema["Score"].GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString());
    }

    private static PredictionEngine<ModelInput, ModelOutput> CreatePredictEngine()
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(ModelPath, out _);
        return mlContext.Model.CreatePredictionEngine<ModelInput, ModelOutput>(model);
    }
}

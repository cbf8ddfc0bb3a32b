using ThirdParty;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

/// <summary>Two classes of numbers around 0 and 10, and the third party's classifier fitted to them.</summary>
internal static class Animals
{
    public sealed class Row
    {
        public string Label { get; set; } = "";
        public float Value { get; set; }
    }

    public static IDataView Data(MLContext ml, int copies = 1) => ml.Data.LoadFromEnumerable(Enumerable.Range(0, copies).SelectMany(_ => new[]
    {
        new Row { Label = "ant", Value = -1 },
        new Row { Label = "bee", Value = 9 },
        new Row { Label = "ant", Value = 1 },
        new Row { Label = "bee", Value = 11 },
    }).ToList());

    public static EstimatorChain<NearestMeanTransformer> Pipeline(MLContext ml) =>
        ml.Transforms.Conversion.MapValueToKey("Label").Append(new NearestMeanEstimator(ml, "Label", "Value"));
}

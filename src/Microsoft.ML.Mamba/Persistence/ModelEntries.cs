using System.Globalization;

namespace Microsoft.ML.Mamba.Persistence;

/// <summary>Names of the zip entries of a model, and the versions of their layout. docs/file-format.md describes them.</summary>
internal static class ModelEntries
{
    public const string Format = "microsoft.ml.mamba.classification";

    /// <summary>Raised by every change that an older reader would misread.</summary>
    public const int FormatVersion = 3;

    /// <summary>The version of models that are no ensemble: older releases score those rightly.</summary>
    public const int SingleFormatVersion = 2;

    /// <summary>The version of models that are no ensemble and whose frames, if they have any, are read as they are: older releases score those rightly.</summary>
    public const int PlainFormatVersion = 1;

    /// <summary>The oldest version that this library still reads.</summary>
    public const int OldestFormatVersion = 1;

    public const string Manifest = "manifest.json";
    public const string Config = "config.json";
    public const string Weights = "weights.safetensors";
    public const string Tokenizer = "tokenizer.json";
    public const string Frames = "frames.json";
    public const string History = "history.json";

    /// <summary>The entries of the weights: of one model <see cref="Weights"/>, of several <c>weights-1.safetensors</c> and so on.</summary>
    public static IEnumerable<string> AllWeights(int ensembleSize) => ensembleSize == 1
        ? [Weights]
        : Enumerable.Range(1, ensembleSize).Select(member => string.Create(CultureInfo.InvariantCulture, $"weights-{member}.safetensors"));

    /// <summary>Largest JSON entry that is read, in bytes.</summary>
    public const long MaxJsonLength = 1L << 30;
}

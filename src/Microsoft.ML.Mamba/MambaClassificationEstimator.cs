using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba;

/// <summary>
/// Trains a Mamba classifier on sequences of any length. Made by <see cref="MambaCatalog"/>. Immutable and thread-safe; every
/// <see cref="Fit"/> starts anew.
/// </summary>
/// <remarks>
/// The training rows are read once; twice for frames that are normalised by them, and up to three times for text whose modality or
/// vocabulary is found from them: put <c>AppendCacheCheckpoint</c> before this estimator where that is slow. They are kept in memory as
/// token ids or frames. The same seed, data and options give the same weights, whatever the number of threads.
/// </remarks>
public sealed class MambaClassificationEstimator : IEstimator<MambaTransformer>
{
    private readonly IHostEnvironment _env;
    private readonly MambaClassificationOptions _options;

    internal MambaClassificationEstimator(IHostEnvironment env, MambaClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _env = env;
        _options = options.Clone();
    }

    /// <summary>Trains, and blocks until that is done.</summary>
    /// <remarks>
    /// When the loss becomes NaN, training stops, the last good weights are kept, and a warning in the log says what to lower; only where
    /// the very first step fails is it an error.
    /// </remarks>
    /// <param name="input">Rows with the label column and the sequence column.</param>
    /// <exception cref="ArgumentException">A column is missing or of a type that does not do, or options do not fit the data; the message names them.</exception>
    /// <exception cref="InvalidDataException">
    /// A row cannot be used; the message names its position. Or no checkpoint in the folder can be read; the message names the file.
    /// </exception>
    /// <exception cref="IOException">A checkpoint cannot be written, or another training uses the folder.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no labelled rows or only one class, all their frames are missing values, the first training step diverged, a GPU was asked
    /// for and cannot be used, or the checkpoints in the folder are of another training; the message says what differs.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled by <see cref="MambaClassificationOptions.CancellationToken"/> or by ML.NET.</exception>
    public MambaTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ClassifierFit(_env, _env.Register("MambaClassification"), _options).Run(input);
    }

    /// <summary>The shape of the schema that the transformer will give.</summary>
    /// <param name="inputSchema">The shape of the training rows' schema.</param>
    /// <exception cref="ArgumentException">A column is missing or of a type that does not do; the message names it.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return OutputShape.Of(inputSchema, _options);
    }
}

using Microsoft.ML.Mamba;
using Microsoft.ML.Mamba.Reporting;

namespace Microsoft.ML;

/// <summary>Writes what a training did, and how good its model is, as a page for a browser.</summary>
public static class MambaReport
{
    /// <summary>
    /// Writes a report of a trained classifier as one HTML file: results, curves of the training, a confusion matrix, precision and recall
    /// of each class, lengths and class sizes, options, time and memory. The file holds all it needs: no script, nothing is loaded from
    /// elsewhere.
    /// </summary>
    /// <remarks>
    /// The training's part comes from <see cref="MambaTransformer.History"/>, which is saved with the model, so a report can also be
    /// written of a model that was loaded. The test set is read twice: the second time, without scoring, its sequences are compared with
    /// those that the model was trained on, where it was not loaded, and an overlap is warned of in the report and by
    /// <see cref="MLContext.Log"/>. Numbers are in the invariant culture.
    /// </remarks>
    /// <param name="model">A <see cref="MambaTransformer"/>, or a chain with one in it, of which the last is taken.</param>
    /// <param name="path">The file; replaced where it exists. Its folder must exist.</param>
    /// <param name="testSet">
    /// Rows to evaluate the model on, as <c>model.Transform</c> takes them; rows without a label are left out. Default null: no evaluation,
    /// and the report shows the validation rows of the training, where there were any.
    /// </param>
    /// <param name="title">The report's title. Default null: <c>Training report</c>.</param>
    /// <exception cref="ArgumentException">
    /// The model has no Mamba classifier in it, the test set lacks its columns, or the label is no key with the model's classes.
    /// </exception>
    /// <exception cref="InvalidOperationException">No row of the test set has a label.</exception>
    /// <exception cref="InvalidDataException">A row cannot be read or scored.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed.</exception>
    public static void WriteReport(this ITransformer model, string path, IDataView? testSet = null, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        MambaTransformer classifier = Find(model)
            ?? throw new ArgumentException($"A model with a MambaTransformer in it is expected; got {model.GetType()}.", nameof(model));
        IDataView? scored = testSet == null ? null : model.Transform(testSet);
        ReportData data = ReportData.Of(classifier, scored == null ? null : TestEvaluation.Of(classifier, scored), title);
        if (scored != null)
            data = data with { Overlap = classifier.Trained?.WarnOf(classifier.Definition, scored) };
        // Made as a whole first: an error must not leave half a file.
        string page = ReportPage.Create(data);
        File.WriteAllText(path, page);
    }

    private static MambaTransformer? Find(ITransformer model) => model switch
    {
        MambaTransformer classifier => classifier,
        IEnumerable<ITransformer> chain => chain.Select(Find).LastOrDefault(found => found != null),
        _ => null,
    };
}

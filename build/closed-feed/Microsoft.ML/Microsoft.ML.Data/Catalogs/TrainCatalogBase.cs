namespace Microsoft.ML;

/// <summary>What the catalogs of learning tasks share.</summary>
public abstract class TrainCatalogBase : IInternalCatalog
{
    private protected TrainCatalogBase(IHostEnvironment env, string registrationName)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckNonEmpty(registrationName, nameof(registrationName));
        Environment = env;
    }

    private protected IHostEnvironment Environment { get; }

    IHostEnvironment IInternalCatalog.Environment => Environment;

    public sealed class CrossValidationResult<T>
        where T : class
    {
        public readonly T Metrics;

        public readonly ITransformer Model;

        /// <summary>The rows that the fold held out, with the model's columns.</summary>
        public readonly IDataView ScoredHoldOutSet;

        public readonly int Fold;

        internal CrossValidationResult(ITransformer model, T metrics, IDataView scores, int fold)
        {
            Model = model;
            Metrics = metrics;
            ScoredHoldOutSet = scores;
            Fold = fold;
        }
    }

    /// <summary>One model a fold, trained on the other folds' rows, with the fold's rows scored.</summary>
    private protected List<(ITransformer Model, IDataView Scores)> CrossValidateTrain(
        IDataView data, IEstimator<ITransformer> estimator, int numFolds, string samplingKeyColumn, int? seed)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckValue(estimator, nameof(estimator));
        Contracts.CheckParam(numFolds > 1, nameof(numFolds), "Must be more than 1");
        var results = new List<(ITransformer, IDataView)>();
        foreach (DataOperationsCatalog.TrainTestData split in RowSplitting.Folds(Environment, data, numFolds, samplingKeyColumn, seed))
        {
            ITransformer model = estimator.Fit(split.TrainSet);
            IDataView scores = model is TransformerChain<ITransformer> chain
                ? chain.Transform(split.TestSet, TransformerScope.Everything) : model.Transform(split.TestSet);
            results.Add((model, scores));
        }
        return results;
    }

    public abstract class CatalogInstantiatorBase : IInternalCatalog
    {
        private protected CatalogInstantiatorBase(TrainCatalogBase catalog) => Owner = catalog;

        internal TrainCatalogBase Owner { get; }

        IHostEnvironment IInternalCatalog.Environment => Owner.GetEnvironment();
    }
}

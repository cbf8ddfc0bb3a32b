using ThirdParty;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class CancellationTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void CheckAlive_IsSilentUntilTheContextIsCancelled()
    {
        IHost host = _ml.Register("Component");
        host.CheckAlive();
        _ml.CancelExecution();

        Assert.ThrowsAny<OperationCanceledException>(host.CheckAlive);
    }

    [Fact]
    public void Hosts_SayWhetherTheyAreCancelled()
    {
        var host = Assert.IsAssignableFrom<ICancelable>(_ml.Register("Component"));
        Assert.False(host.IsCanceled);
        _ml.CancelExecution();

        Assert.True(host.IsCanceled);
    }

    [Fact]
    public void HostsOfHosts_AreCancelledToo()
    {
        IHost inner = _ml.Register("Component").Register("Part");
        _ml.CancelExecution();

        Assert.ThrowsAny<OperationCanceledException>(inner.CheckAlive);
    }

    [Fact]
    public void HostsRegisteredAfterwards_AreCancelledFromTheStart()
    {
        _ml.CancelExecution();

        Assert.ThrowsAny<OperationCanceledException>(_ml.Register("Component").CheckAlive);
    }

    [Fact]
    public void HostsOfCatalogs_AreCancelledToo()
    {
        IHost trainer = CatalogUtils.GetEnvironment(_ml.MulticlassClassification.Trainers).Register("Trainer");
        IHost transform = CatalogUtils.GetEnvironment(_ml.Transforms).Register("Transform");
        _ml.CancelExecution();

        Assert.ThrowsAny<OperationCanceledException>(trainer.CheckAlive);
        Assert.ThrowsAny<OperationCanceledException>(transform.CheckAlive);
    }

    [Fact]
    public void OtherContexts_LiveOn()
    {
        IHost other = new MLContext(1).Register("Component");
        _ml.CancelExecution();

        other.CheckAlive();
    }

    [Fact]
    public void AnEstimatorThatChecks_StopsInFit()
    {
        var estimator = new NearestMeanEstimator(_ml, "Label", "Value");
        IDataView data = Animals.Data(_ml);
        IDataView mapped = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        _ml.CancelExecution();

        Assert.ThrowsAny<OperationCanceledException>(() => estimator.Fit(mapped));
    }
}

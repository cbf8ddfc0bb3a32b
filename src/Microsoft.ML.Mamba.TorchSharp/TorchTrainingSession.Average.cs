namespace Microsoft.ML.Mamba.TorchSharp;

internal sealed partial class TorchTrainingSession
{
    public void StartAverage() => Call(() =>
    {
        Allocated().Values.copy_(_core.Store.Weights.Values);
        return true;
    });

    public void UpdateAverage(float share) => Call(() =>
    {
        if (!(share >= 0 && share <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, $"share must be 0 to 1; got {share}.");
        using var scope = NewDisposeScope();
        Tensor average = Started().Values;
        average.add_((_core.Store.Weights.Values - average).mul_(share));
        return true;
    });

    public void SwapAverage() => Call(() =>
    {
        using var scope = NewDisposeScope();
        Tensor average = Started().Values, weights = _core.Store.Weights.Values, kept = average.clone();
        average.copy_(weights);
        weights.copy_(kept);
        _core.Store.WeightsChanged();
        return true;
    });

    public MambaWeights ExportAverage() => Call(() =>
    {
        var average = new MambaWeights();
        Started().AddTo(average);
        return average;
    });

    public void ImportAverage(MambaWeights average) => Call(() =>
    {
        MambaParameters.Check(_core.Config, average);
        Allocated().CopyFrom(average);
        return true;
    });

    private FlatTensor Allocated() => _average ??= new FlatTensor(_core.Store.Layout, _core.Device);

    private FlatTensor Started() => _average ?? throw new InvalidOperationException("There is no average of the weights yet; call StartAverage or ImportAverage first.");
}

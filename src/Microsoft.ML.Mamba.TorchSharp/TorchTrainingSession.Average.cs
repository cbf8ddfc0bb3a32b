using Microsoft.ML.Mamba.Cpu;

namespace Microsoft.ML.Mamba.TorchSharp;

internal sealed partial class TorchTrainingSession
{
    public void StartAverage()
    {
        using CallGate.Call call = Enter();
        Allocated().Values.copy_(_core.Store.Weights.Values);
    }

    public void UpdateAverage(float share)
    {
        using CallGate.Call call = Enter();
        BatchCheck.ValidateShare(share);
        using var scope = NewDisposeScope();
        Tensor average = Started().Values;
        average.add_((_core.Store.Weights.Values - average).mul_(share));
    }

    public void SwapAverage()
    {
        using CallGate.Call call = Enter();
        using var scope = NewDisposeScope();
        Tensor average = Started().Values, weights = _core.Store.Weights.Values, kept = average.clone();
        average.copy_(weights);
        weights.copy_(kept);
        _core.Store.WeightsChanged();
    }

    public MambaWeights ExportAverage()
    {
        using CallGate.Call call = Enter();
        var average = new MambaWeights();
        Started().AddTo(average);
        return average;
    }

    public void ImportAverage(MambaWeights average)
    {
        using CallGate.Call call = Enter();
        MambaParameters.Check(_core.Config, average);
        Allocated().CopyFrom(average);
    }

    private FlatTensor Allocated() => _average ??= new FlatTensor(_core.Store.Layout, _core.Device);

    private FlatTensor Started() =>
        _average ?? throw new InvalidOperationException("There is no average of the weights yet; call StartAverage or ImportAverage first.");
}

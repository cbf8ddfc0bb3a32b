namespace Microsoft.ML.Mamba.Cpu;

internal sealed partial class CpuTrainingSession
{
    public void StartAverage()
    {
        using CallGate.Call call = Enter();
        _average.Start(_core.Weights);
    }

    public void UpdateAverage(float share)
    {
        using CallGate.Call call = Enter();
        BatchCheck.ValidateShare(share);
        _average.Update(_core.Weights, share, _core.Parallel);
    }

    public void SwapAverage()
    {
        using CallGate.Call call = Enter();
        _average.Swap(_core.Weights, _core.Parallel);
        _core.WeightsChanged();
    }

    public MambaWeights ExportAverage()
    {
        using CallGate.Call call = Enter();
        return _average.Export();
    }

    public void ImportAverage(MambaWeights average)
    {
        using CallGate.Call call = Enter();
        MambaParameters.Check(_core.Config, average);
        _average.Import(average);
    }
}

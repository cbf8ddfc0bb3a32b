namespace Microsoft.ML.Mamba.Cpu;

internal sealed partial class CpuTrainingSession
{
    public void StartAverage()
    {
        Enter();
        try
        {
            _average.Start(_core.Weights);
        }
        finally
        {
            _model.Gate.Leave();
        }
    }

    public void UpdateAverage(float share)
    {
        Enter();
        try
        {
            if (!(share >= 0 && share <= 1))
                throw new ArgumentOutOfRangeException(nameof(share), share, $"share must be 0 to 1; got {share}.");
            _average.Update(_core.Weights, share, _core.Parallel);
        }
        finally
        {
            _model.Gate.Leave();
        }
    }

    public void SwapAverage()
    {
        Enter();
        try
        {
            _average.Swap(_core.Weights, _core.Parallel);
            _core.WeightsChanged();
        }
        finally
        {
            _model.Gate.Leave();
        }
    }

    public MambaWeights ExportAverage()
    {
        Enter();
        try
        {
            return _average.Export();
        }
        finally
        {
            _model.Gate.Leave();
        }
    }

    public void ImportAverage(MambaWeights average)
    {
        Enter();
        try
        {
            MambaParameters.Check(_core.Config, average);
            _average.Import(average);
        }
        finally
        {
            _model.Gate.Leave();
        }
    }
}

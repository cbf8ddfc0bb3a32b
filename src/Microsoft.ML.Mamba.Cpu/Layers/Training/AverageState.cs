using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>An average of the weights over a flat buffer like theirs, which is allocated when the average starts.</summary>
internal sealed class AverageState(ParameterLayout layout) : IDisposable
{
    private const int LargestRange = 1 << 30;
    private ParameterBuffer? _values;

    /// <summary>Replaces the average by weights that have been checked.</summary>
    public void Import(MambaWeights average) => Allocated().CopyFrom(average);

    /// <summary>Replaces the average by the present weights.</summary>
    public void Start(ParameterBuffer weights)
    {
        ParameterBuffer values = Allocated();
        for (long start = 0; start < layout.Length; start += LargestRange)
            weights.Range(start, LengthFrom(start)).Span.CopyTo(values.Range(start, LengthFrom(start)));
    }

    public void Update(ParameterBuffer weights, float share, CpuParallel parallel)
    {
        ParameterBuffer values = Started();
        for (long start = 0; start < layout.Length; start += LargestRange)
            ParameterAverage.Update(values.Range(start, LengthFrom(start)), weights.Range(start, LengthFrom(start)), share, parallel);
    }

    public void Swap(ParameterBuffer weights, CpuParallel parallel)
    {
        ParameterBuffer values = Started();
        for (long start = 0; start < layout.Length; start += LargestRange)
            ParameterAverage.Swap(values.Range(start, LengthFrom(start)), weights.Range(start, LengthFrom(start)), parallel);
    }

    public MambaWeights Export()
    {
        var average = new MambaWeights();
        Started().AddTo(average);
        return average;
    }

    public void Dispose() => _values?.Dispose();

    private ParameterBuffer Allocated() => _values ??= new ParameterBuffer(layout);

    private ParameterBuffer Started() =>
        _values ?? throw new InvalidOperationException("There is no average of the weights yet; call StartAverage or ImportAverage first.");

    private int LengthFrom(long start) => (int)Math.Min(layout.Length - start, LargestRange);
}

using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>Reads a row's waveform and computes its frames. Keeps its buffers; not thread-safe.</summary>
internal sealed class MelReader(DataViewRow row, DataViewSchema.Column column, MelPlan plan)
{
    private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
    private readonly MelAnalyzer _analyzer = new(plan);
    private VBuffer<float> _waveform;
    private float[] _dense = [];

    /// <summary>The current row's samples, until the next call.</summary>
    /// <exception cref="InvalidDataException">A sample is not finite; the message names row and position.</exception>
    public ReadOnlySpan<float> Read()
    {
        _getter(ref _waveform);
        ReadOnlySpan<float> samples = Dense();
        for (int i = 0; i < samples.Length; i++)
        {
            if (!float.IsFinite(samples[i]))
                throw new InvalidDataException($"Row {row.Position}: column '{column.Name}' has {samples[i]} at sample {i}; samples must be finite.");
        }

        return samples;
    }

    /// <summary>Values of a waveform's frames.</summary>
    /// <exception cref="InvalidDataException">They are more than a vector holds.</exception>
    public int LengthOf(ReadOnlySpan<float> waveform)
    {
        long length = (long)plan.FramesOf(waveform.Length) * plan.Channels;
        return length <= Array.MaxLength
            ? (int)length
            : throw new InvalidDataException($"Row {row.Position}: column '{column.Name}' has {waveform.Length} samples, whose {length} values of frames are more than {Array.MaxLength}.");
    }

    public void Analyze(ReadOnlySpan<float> waveform, Span<float> frames) => _analyzer.Analyze(waveform, frames);

    private ReadOnlySpan<float> Dense()
    {
        if (_waveform.IsDense)
            return _waveform.GetValues();
        if (_dense.Length < _waveform.Length)
            _dense = new float[_waveform.Length];
        Span<float> dense = _dense.AsSpan(0, _waveform.Length);
        _waveform.CopyTo(dense);
        return dense;
    }
}

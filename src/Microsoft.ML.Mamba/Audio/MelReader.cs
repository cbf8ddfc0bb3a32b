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
        int bad = WavDecoder.IndexOfNotFinite(samples);
        return bad < 0 ? samples : throw new InvalidDataException(
            $"Row {row.Position}: column '{column.Name}' has {samples[bad]} at sample {bad}; samples must be finite.");
    }

    /// <summary>Values of a waveform's frames.</summary>
    /// <exception cref="InvalidDataException">They are more than a vector holds.</exception>
    public int LengthOf(ReadOnlySpan<float> waveform)
    {
        long length = (long)plan.FramesOf(waveform.Length) * plan.Channels;
        return length <= Array.MaxLength
            ? (int)length
            : throw new InvalidDataException(
                $"Row {row.Position}: column '{column.Name}' has {waveform.Length} samples, whose {length} values of frames are more than {Array.MaxLength}.");
    }

    /// <summary>Computes the frames of what <see cref="Read"/> gave, and normalises them where <paramref name="normalization"/> is given.</summary>
    /// <exception cref="InvalidDataException">A value is beyond 32-bit numbers.</exception>
    public void Analyze(ReadOnlySpan<float> waveform, Span<float> frames, FramePreparation? normalization)
    {
        int bad = _analyzer.Analyze(waveform, frames);
        if (bad < 0 && normalization is not null)
            bad = normalization.Apply(frames);
        if (bad < 0)
            return;
        float largest = 0;
        foreach (float sample in waveform)
            largest = Math.Max(largest, Math.Abs(sample));
        throw new InvalidDataException(
            $"Row {row.Position}: column '{column.Name}' has samples of up to {largest}, which make channel {bad % plan.Channels} of frame "
            + $"{bad / plan.Channels} {frames[bad]}; full scale is 1.");
    }

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

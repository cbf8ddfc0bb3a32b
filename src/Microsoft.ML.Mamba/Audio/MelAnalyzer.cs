using NAudio.Dsp;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>Computes the frames of waveforms, before what was learned from training rows. Keeps its buffers; not thread-safe.</summary>
internal sealed class MelAnalyzer
{
    private readonly MelPlan _plan;
    private readonly MelFilter[] _bank;
    private readonly float[] _window;
    private readonly float[] _samples;
    private readonly float[] _spectrum;
    private readonly Complex[] _points;
    private readonly FftProcessor _transform;
    private readonly float _floor;

    public MelAnalyzer(MelPlan plan)
    {
        _plan = plan;
        _bank = MelFilter.Bank(plan);
        _window = Window(plan);
        _samples = new float[plan.FftSize];
        _spectrum = new float[plan.FftSize / 2 + 1];
        _points = new Complex[plan.FftSize / 2 + 1];
        _transform = new FftProcessor(plan.FftSize);
        _floor = (float)Math.Pow(10, plan.FloorDecibels / (plan.Spectrum == MelSpectrum.Power ? 10 : 20));
    }

    /// <param name="waveform">The samples, all of them finite.</param>
    /// <param name="frames"><c>[FramesOf(waveform.Length), Channels]</c>, overwritten.</param>
    /// <returns>The index of the first value that is beyond 32-bit numbers, where nothing behind it was computed; -1 where there is none.</returns>
    public int Analyze(ReadOnlySpan<float> waveform, Span<float> frames)
    {
        int channels = _plan.Channels;
        for (int t = 0; t < frames.Length / channels; t++)
        {
            Spectrum(waveform, t * (long)_plan.Hop - (_plan.Center ? _plan.Window / 2 : 0));
            Span<float> bands = frames.Slice(t * channels, _plan.Bands);
            Bands(bands);
            int bad = WavDecoder.IndexOfNotFinite(bands);
            if (bad >= 0)
                return t * channels + bad;
        }

        MelNormalization.Utterance(frames, channels, _plan.Bands, _plan.UtteranceNormalization);
        for (int order = 1; order <= _plan.Deltas; order++)
            MelNormalization.Deltas(frames, channels, (order - 1) * _plan.Bands, _plan.Bands);
        return -1;
    }

    // The window is scaled so that a full-scale sine in the middle of a point has the amplitude 1 there.
    private static float[] Window(MelPlan plan)
    {
        (double offset, double swing) = plan.WindowFunction == MelWindow.Hann ? (0.5, 0.5) : (0.54, 0.46);
        double[] window = [.. Enumerable.Range(0, plan.Window).Select(n => offset - swing * Math.Cos(2 * Math.PI * n / plan.Window))];
        // The transform divides by its size.
        double scale = 2.0 * plan.FftSize / window.Sum();
        return [.. window.Select(value => (float)(value * scale))];
    }

    private void Spectrum(ReadOnlySpan<float> waveform, long start)
    {
        int from = (int)Math.Max(0, -start), to = (int)Math.Min(_window.Length, waveform.Length - start);
        float emphasis = (float)_plan.PreEmphasis;
        Array.Clear(_samples);
        for (int n = from; n < to; n++)
        {
            int at = (int)(start + n);
            float before = emphasis > 0 && at > 0 ? emphasis * waveform[at - 1] : 0;
            _samples[n] = _window[n] * (waveform[at] - before);
        }

        _transform.RealForward(_samples, _points);
        for (int k = 0; k < _points.Length; k++)
        {
            float power = _points[k].X * _points[k].X + _points[k].Y * _points[k].Y;
            _spectrum[k] = _plan.Spectrum == MelSpectrum.Power ? power : MathF.Sqrt(power);
        }
    }

    private void Bands(Span<float> bands)
    {
        for (int b = 0; b < bands.Length; b++)
        {
            ReadOnlySpan<float> weights = _bank[b].Weights, points = _spectrum.AsSpan(_bank[b].First, weights.Length);
            float sum = 0;
            for (int k = 0; k < weights.Length; k++)
                sum += weights[k] * points[k];
            bands[b] = _plan.Logarithm switch
            {
                MelLogarithm.Natural => MathF.Log(Math.Max(sum, _floor)),
                MelLogarithm.Decibel => (_plan.Spectrum == MelSpectrum.Power ? 10 : 20) * MathF.Log10(Math.Max(sum, _floor)),
                _ => sum,
            };
        }
    }
}

using NAudio.Dsp;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>Changes the sample rate of whole waveforms with NAudio's band-limited interpolation. Not thread-safe.</summary>
/// <remarks>
/// The filter is a sinc under a Blackman-Harris window, 64 samples of the lower rate long, with its edge at 97 % of the lower Nyquist
/// frequency. Output sample j is at the time of input sample j * from / to; the waveform is taken as zero beyond its ends.
/// </remarks>
internal sealed class WaveformResampler
{
    /// <summary>The largest factor between two rates: a header's word alone must not make a small file large.</summary>
    public const int MaxFactor = 128;

    private const int FilterLength = 64;
    private const int FilterPhases = 256;
    private readonly WdlResampler _resampler = new();

    public static bool CanConvert(int from, int to) => Math.Max(from, to) <= (long)MaxFactor * Math.Min(from, to);

    /// <returns>Samples at the new rate, as many as cover the same time: the length times to / from, rounded up.</returns>
    public float[] Convert(float[] samples, int from, int to)
    {
        if (from == to || samples.Length == 0)
            return samples;
        int length = checked((int)(((long)samples.Length * to + from - 1) / from));
        int filter = FilterLength * Math.Max(1, (int)((from + to - 1L) / to));
        _resampler.SetMode(interp: false, filtercnt: 0, sinc: true, filter, FilterPhases);
        _resampler.SetRates(from, to);
        _resampler.Reset();
        float[] converted = new float[length];
        int wanted = _resampler.ResamplePrepare(length, 1, out Span<float> input);
        int given = Math.Min(wanted, samples.Length);
        samples.AsSpan(0, given).CopyTo(input);
        // Zeros behind the end: told of fewer samples than it wanted, the resampler would drop its last ones.
        input[given..].Clear();
        int got = _resampler.ResampleOut(converted, wanted, length, 1);
        return got == length ? converted : throw new InvalidOperationException($"The resampler gave {got} samples instead of {length}.");
    }
}

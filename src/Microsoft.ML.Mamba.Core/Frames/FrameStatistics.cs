namespace Microsoft.ML.Mamba;

/// <summary>Mean and deviation of each channel over many sequences of frames, in memory that does not depend on their number. Not thread-safe.</summary>
public sealed class FrameStatistics
{
    // 32-bit numbers resolve a value to 6e-8 of its size: what varies by less is rounding.
    private const double Resolution = 1e-7;

    private readonly Moments[] _channels;

    /// <summary>Statistics of no frame yet.</summary>
    /// <param name="channels">Channels of a frame; at least 1.</param>
    public FrameStatistics(int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        _channels = new Moments[channels];
    }

    /// <summary>Values so far that were missing.</summary>
    public long MissingCount { get; private set; }

    /// <summary>Values so far, missing or not.</summary>
    public long ValueCount { get; private set; }

    /// <summary>Channels without a known value so far.</summary>
    public IEnumerable<int> UnknownChannels => Enumerable.Range(0, _channels.Length).Where(channel => _channels[channel].Count == 0);

    /// <summary>Adds a sequence.</summary>
    /// <param name="frames">Frames <c>[length, channels]</c>, finite or NaN; NaN is a missing value, which counts in no mean and no deviation.</param>
    /// <exception cref="ArgumentException">The number of values is no multiple of the channels, or a value is infinite.</exception>
    public void Add(ReadOnlySpan<float> frames)
    {
        FramePreparation.CheckWhole(frames.Length, _channels.Length);
        for (int i = 0; i < frames.Length; i++)
        {
            if (float.IsInfinity(frames[i]))
                throw new ArgumentException($"Frame {i / _channels.Length}, channel {i % _channels.Length} is {frames[i]}; frames must be finite.", nameof(frames));
        }

        long known = 0;
        for (int channel = 0; channel < _channels.Length; channel++)
        {
            Moments added = Moments.Of(frames, channel, _channels.Length);
            known += added.Count;
            _channels[channel] = _channels[channel].With(added);
        }

        ValueCount += frames.Length;
        MissingCount += frames.Length - known;
    }

    /// <summary>The preparation that these statistics give.</summary>
    /// <param name="missing">What becomes of missing values.</param>
    /// <param name="normalization">How channels are normalised. A channel without a known value is taken to have mean 0 and deviation 1.</param>
    public FramePreparation ToPreparation(MissingValues missing, FrameNormalization normalization)
    {
        bool means = FramePreparation.NeedsMeans(missing, normalization), deviations = normalization == FrameNormalization.TrainingSet;
        return new FramePreparation(
            _channels.Length,
            missing,
            normalization,
            means ? [.. _channels.Select(moments => moments.Mean)] : [],
            deviations ? [.. _channels.Select(moments => moments.Deviation)] : []);
    }

    /// <summary>Number, mean, and sum of squared distances from the mean of some values.</summary>
    internal readonly record struct Moments(long Count, double Mean, double Squares)
    {
        /// <summary>What to divide by: the deviation over all values, or 1 where they are constant.</summary>
        public double Deviation => Count > 0 && Math.Sqrt(Squares / Count) is var deviation && deviation > Resolution * Math.Abs(Mean) ? deviation : 1;

        /// <summary>Of the known values of a channel, in two passes: the mean first, then distances from it, so that a large mean costs no digits.</summary>
        public static Moments Of(ReadOnlySpan<float> frames, int channel, int channels)
        {
            long count = 0;
            double sum = 0;
            for (int i = channel; i < frames.Length; i += channels)
            {
                if (float.IsNaN(frames[i]))
                    continue;
                count++;
                sum += frames[i];
            }

            double mean = count > 0 ? sum / count : 0, squares = 0;
            for (int i = channel; i < frames.Length; i += channels)
            {
                if (!float.IsNaN(frames[i]))
                    squares += (frames[i] - mean) * (frames[i] - mean);
            }

            return new Moments(count, mean, squares);
        }

        /// <summary>Of both sets of values together (Chan, Golub and LeVeque).</summary>
        public Moments With(Moments other)
        {
            if (other.Count == 0)
                return this;
            double count = Count + other.Count, apart = other.Mean - Mean;
            return new Moments(Count + other.Count, Mean + apart * (other.Count / count), Squares + other.Squares + apart * apart * (Count * (other.Count / count)));
        }
    }
}

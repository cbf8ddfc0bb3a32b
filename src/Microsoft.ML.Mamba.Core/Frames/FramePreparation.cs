using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mamba;

/// <summary>Fills missing values of frames and normalises their channels, before a model reads them. Immutable and thread-safe.</summary>
public sealed partial class FramePreparation
{
    private readonly double[] _means;
    private readonly double[] _deviations;

    /// <summary>A preparation with statistics that are known; <see cref="FrameStatistics.ToPreparation"/> makes one from frames.</summary>
    /// <param name="channels">Channels of a frame; at least 1.</param>
    /// <param name="missing">What becomes of missing values.</param>
    /// <param name="normalization">How channels are normalised.</param>
    /// <param name="means">
    /// Mean of each channel over the training rows, finite also in 32 bits: with <see cref="FrameNormalization.TrainingSet"/>, and with
    /// <see cref="MissingValues.CarryForward"/> where nothing is normalised. Empty otherwise.
    /// </param>
    /// <param name="deviations">What each channel is divided by with <see cref="FrameNormalization.TrainingSet"/>: positive and finite. Empty otherwise.</param>
    /// <exception cref="ArgumentException">An argument is out of range or has another number of values.</exception>
    public FramePreparation(int channels, MissingValues missing, FrameNormalization normalization, ReadOnlySpan<double> means, ReadOnlySpan<double> deviations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        RangeCheck.Defined(missing, nameof(missing));
        RangeCheck.Defined(normalization, nameof(normalization));
        CheckCount(means, NeedsMeans(missing, normalization) ? channels : 0);
        CheckCount(deviations, normalization == FrameNormalization.TrainingSet ? channels : 0);
        for (int i = 0; i < means.Length; i++)
        {
            if (!float.IsFinite((float)means[i]))
                throw new ArgumentOutOfRangeException(nameof(means), means[i], $"The mean of channel {i} must be a finite 32-bit number; got {means[i]}.");
        }

        for (int i = 0; i < deviations.Length; i++)
        {
            if (!(deviations[i] > 0) || !double.IsFinite(deviations[i]))
                throw new ArgumentOutOfRangeException(
                    nameof(deviations), deviations[i], $"The deviation of channel {i} must be positive and finite; got {deviations[i]}.");
        }

        Channels = channels;
        MissingValues = missing;
        Normalization = normalization;
        _means = [.. means];
        _deviations = [.. deviations];
    }

    /// <summary>Channels of a frame.</summary>
    public int Channels { get; }

    /// <summary>What becomes of missing values.</summary>
    public MissingValues MissingValues { get; }

    /// <summary>How channels are normalised.</summary>
    public FrameNormalization Normalization { get; }

    /// <summary>Mean of each channel over the training rows; empty where it is not needed.</summary>
    public ReadOnlySpan<double> Means => _means;

    /// <summary>What each channel is divided by; empty except with <see cref="FrameNormalization.TrainingSet"/>.</summary>
    public ReadOnlySpan<double> Deviations => _deviations;

    /// <summary>Whether frames stay as they are: missing values are errors and nothing is normalised.</summary>
    public bool IsIdentity => MissingValues == MissingValues.Error && Normalization == FrameNormalization.None;

    /// <summary>A preparation that only checks that all values are finite.</summary>
    /// <param name="channels">Channels of a frame; at least 1.</param>
    public static FramePreparation Identity(int channels) => new(channels, MissingValues.Error, FrameNormalization.None, [], []);

    /// <summary>Prepares the frames of one sequence in place.</summary>
    /// <param name="frames">Frames <c>[length, Channels]</c>, finite or NaN for a missing value; finite afterwards.</param>
    /// <exception cref="ArgumentException">
    /// The number of values is no multiple of the channels, or a value cannot be used: infinite, missing where that is an error, or so far
    /// from the mean that the normalised value is no 32-bit number. The message names the frame and the channel; the frames may have been
    /// changed in part.
    /// </exception>
    public void Prepare(Span<float> frames)
    {
        CheckWhole(frames.Length, Channels);
        int bad = Apply(frames);
        if (bad >= 0)
            throw new ArgumentException($"Frame {bad / Channels}, channel {bad % Channels} is {frames[bad]}{WhyUnusable(frames[bad])}", nameof(frames));
    }

    internal static bool NeedsMeans(MissingValues missing, FrameNormalization normalization) =>
        normalization == FrameNormalization.TrainingSet || (missing == MissingValues.CarryForward && normalization == FrameNormalization.None);

    internal static void CheckWhole(int values, int channels, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        if (values % channels != 0)
            throw new ArgumentException($"There are {values} values, which is no multiple of the {channels} channels of a frame.", name);
    }

    /// <summary>As <see cref="Prepare"/>, but gives the index of the first value that cannot be used and leaves it as it was; -1 where there is none.</summary>
    internal int Apply(Span<float> frames)
    {
        int bad = IndexOfUnusable(frames);
        for (int channel = 0; channel < Channels && bad < 0 && !IsIdentity; channel++)
            bad = PrepareChannel(frames, channel);
        return bad;
    }

    /// <summary>Index of the first value that is infinite, or missing where that is an error; -1 where there is none.</summary>
    internal int IndexOfUnusable(ReadOnlySpan<float> frames)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            if (!float.IsFinite(frames[i]) && (MissingValues == MissingValues.Error || !float.IsNaN(frames[i])))
                return i;
        }

        return -1;
    }

    /// <summary>The end of a sentence about a value that <see cref="Apply"/> found.</summary>
    internal static string WhyUnusable(float value) => float.IsNaN(value) ? ", a missing value. MissingValues = Zero or CarryForward allows those."
        : float.IsInfinity(value) ? "; frames must be finite."
        : ", which is too far from the channel's mean to be normalised.";

    private int PrepareChannel(Span<float> frames, int channel)
    {
        (double mean, double deviation) = Normalization switch
        {
            FrameNormalization.TrainingSet => (_means[channel], _deviations[channel]),
            FrameNormalization.PerSequence => FrameStatistics.Moments.Of(frames, channel, Channels) is var moments ? (moments.Mean, moments.Deviation) : default,
            _ => (0, 1),
        };
        bool carries = MissingValues == MissingValues.CarryForward;
        // What a missing value becomes: normalised, a channel's mean is 0.
        float filling = carries && Normalization == FrameNormalization.None ? (float)_means[channel] : 0;
        for (int i = channel; i < frames.Length; i += Channels)
        {
            if (!float.IsNaN(frames[i]))
            {
                float prepared = (float)((frames[i] - mean) / deviation);
                if (!float.IsFinite(prepared))
                    return i;
                frames[i] = prepared;
                if (carries)
                    filling = prepared;
            }
            else
            {
                frames[i] = filling;
            }
        }

        return -1;
    }

    private static void CheckCount(ReadOnlySpan<double> values, int count, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        if (values.Length != count)
            throw new ArgumentException($"There must be {count} {name}; got {values.Length}.", name);
    }
}

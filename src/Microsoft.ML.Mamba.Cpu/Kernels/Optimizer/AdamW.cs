using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", algorithm 2) on one flat block of parameters p:
/// <c>p -= lr wd p</c> (where p decays); <c>m = b1 m + (1 - b1) g</c>; <c>v = b2 v + (1 - b2) g^2</c>;
/// <c>p -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)</c>.
/// </summary>
/// <remarks>Updated in place: parameters, firstMoment, secondMoment. Gradients are read only. Element by element, so the same for any number of threads.</remarks>
internal static unsafe class AdamW
{
    private const int PieceSize = 16_384;

    /// <param name="settings">The scalars.</param>
    /// <param name="parameters">[count], updated.</param>
    /// <param name="gradients">[count].</param>
    /// <param name="firstMoment">[count], updated; zeros before step 1.</param>
    /// <param name="secondMoment">[count], updated; zeros before step 1.</param>
    /// <param name="decayed">The ranges of parameters that decay, in rising order, without overlap.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Step(
        in AdamWSettings settings, Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> firstMoment, Span<float> secondMoment,
        ReadOnlySpan<ParameterRange> decayed, CpuParallel parallel)
    {
        switch (SimdWidth.Bits)
        {
            case 512: Step<Lanes512, Vector512<float>>(settings, parameters, gradients, firstMoment, secondMoment, decayed, parallel); break;
            case 256: Step<Lanes256, Vector256<float>>(settings, parameters, gradients, firstMoment, secondMoment, decayed, parallel); break;
            case 128: Step<Lanes128, Vector128<float>>(settings, parameters, gradients, firstMoment, secondMoment, decayed, parallel); break;
            default: Step<Lanes1, float>(settings, parameters, gradients, firstMoment, secondMoment, decayed, parallel); break;
        }
    }

    internal static void Step<TLanes, TVector>(
        in AdamWSettings settings, Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> firstMoment, Span<float> secondMoment,
        ReadOnlySpan<ParameterRange> decayed, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        int count = parameters.Length;
        KernelCheck.Vector(gradients.Length, nameof(gradients), count, nameof(parameters));
        KernelCheck.Vector(firstMoment.Length, nameof(firstMoment), count, nameof(parameters));
        KernelCheck.Vector(secondMoment.Length, nameof(secondMoment), count, nameof(parameters));
        if (settings.Step < 1)
            throw new ArgumentOutOfRangeException(nameof(settings), settings.Step, $"Step must be at least 1; got {settings.Step}.");
        KernelCheck.Fraction(settings.Beta1, nameof(settings.Beta1));
        KernelCheck.Fraction(settings.Beta2, nameof(settings.Beta2));
        CheckRanges(decayed, count);
        fixed (float* p = parameters, g = gradients, m = firstMoment, v = secondMoment)
        fixed (ParameterRange* pDecayed = decayed)
        {
            var job = new Job<TLanes, TVector>(settings, count, p, g, m, v, pDecayed, decayed.Length);
            parallel.For(RowBlocks.CountOf(count, PieceSize), ref job);
        }
    }

    private static void CheckRanges(ReadOnlySpan<ParameterRange> ranges, int count)
    {
        int end = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            ParameterRange range = ranges[i];
            if (range.Start < end || range.Length < 0 || range.Length > count - range.Start)
            {
                throw new ArgumentException(
                    $"decayed ranges must rise and lie within the {count} parameters; "
                    + $"range {i} is {range.Length} elements from {range.Start}, after one that ends at {end}.",
                    nameof(ranges));
            }

            end = range.Start + range.Length;
        }
    }

    private readonly struct Job<TLanes, TVector>(
        AdamWSettings settings, int count, float* p, float* g, float* m, float* v, ParameterRange* decayed, int decayedCount) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int start = index * PieceSize;
            int end = start + Math.Min(PieceSize, count - start);
            float keep = (float)(1 - (double)settings.LearningRate * settings.WeightDecay);
            for (int i = 0; i < decayedCount && start < end; i++)
            {
                int from = Math.Clamp(decayed[i].Start, start, end);
                int to = Math.Clamp(decayed[i].Start + decayed[i].Length, from, end);
                Update(start, from, 1f);
                Update(from, to, keep);
                start = to;
            }

            Update(start, end, 1f);
        }

        private void Update(int start, int end, float keep)
        {
            float beta1 = settings.Beta1, beta2 = settings.Beta2;
            float rate = (float)(settings.LearningRate / (1 - Math.Pow(beta1, settings.Step)));
            float correction = (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, settings.Step)));
            TVector scale = TLanes.Create(settings.GradientScale), epsilon = TLanes.Create(settings.Epsilon), keepAll = TLanes.Create(keep);
            TVector b1 = TLanes.Create(beta1), b2 = TLanes.Create(beta2), c1 = TLanes.Create(1f - beta1), c2 = TLanes.Create(1f - beta2);
            TVector minusRate = TLanes.Create(-rate), root = TLanes.Create(correction);
            int i = start;
            for (; i + TLanes.Count <= end; i += TLanes.Count)
            {
                TVector gradient = TLanes.Multiply(TLanes.Load(g + i), scale);
                TVector first = TLanes.MultiplyAdd(b1, TLanes.Load(m + i), TLanes.Multiply(c1, gradient));
                TVector second = TLanes.MultiplyAdd(b2, TLanes.Load(v + i), TLanes.Multiply(TLanes.Multiply(c2, gradient), gradient));
                TVector divisor = TLanes.MultiplyAdd(TLanes.Sqrt(second), root, epsilon);
                TLanes.Store(m + i, first);
                TLanes.Store(v + i, second);
                TLanes.Store(p + i, TLanes.MultiplyAdd(TLanes.Divide(first, divisor), minusRate, TLanes.Multiply(TLanes.Load(p + i), keepAll)));
            }

            for (; i < end; i++)
            {
                float gradient = g[i] * settings.GradientScale;
                float first = float.MultiplyAddEstimate(beta1, m[i], (1f - beta1) * gradient);
                float second = float.MultiplyAddEstimate(beta2, v[i], (1f - beta2) * gradient * gradient);
                float divisor = float.MultiplyAddEstimate(MathF.Sqrt(second), correction, settings.Epsilon);
                m[i] = first;
                v[i] = second;
                p[i] = float.MultiplyAddEstimate(first / divisor, -rate, p[i] * keep);
            }
        }
    }
}

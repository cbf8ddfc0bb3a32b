using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Cross-entropy with label smoothing e and class weights w, over rows i with targets y[i] of C classes:
/// <c>loss = sum over i of [(1 - e) w[y] (-ln p[i, y]) + e / C * sum over c of w[c] (-ln p[i, c])] / sum over i of w[y]</c>, p the softmax of the logits.
/// </summary>
/// <remarks>
/// Terms and their sum are double, summed over at most 64 pieces of neighbouring rows in order: the same for any number of threads.
/// Overwritten (=): gradLogits, which may be logits. Where all targets weigh nothing, loss and gradient are 0.
/// </remarks>
internal static unsafe partial class CrossEntropy
{
    /// <summary>Computes the mean loss, and its gradient if wanted.</summary>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="classes">Columns, at least 1.</param>
    /// <param name="logits">[rows, classes].</param>
    /// <param name="strideLogits">Row stride of <paramref name="logits"/>.</param>
    /// <param name="targets">[rows], each 0 to classes - 1.</param>
    /// <param name="labelSmoothing">e, at least 0 and below 1.</param>
    /// <param name="classWeights">[classes], not negative; or empty for 1.</param>
    /// <param name="gradLogits">[rows, classes], overwritten with the loss's gradient; or empty.</param>
    /// <param name="strideGradLogits">Row stride of <paramref name="gradLogits"/>.</param>
    /// <param name="parallel">The threads to use.</param>
    public static double Compute(
        int rows, int classes, ReadOnlySpan<float> logits, int strideLogits, ReadOnlySpan<int> targets, float labelSmoothing,
        ReadOnlySpan<float> classWeights, Span<float> gradLogits, int strideGradLogits, CpuParallel parallel)
    {
        return SimdWidth.Bits switch
        {
            512 => Compute<Lanes512, Vector512<float>>(
                rows, classes, logits, strideLogits, targets, labelSmoothing, classWeights, gradLogits, strideGradLogits, parallel),
            256 => Compute<Lanes256, Vector256<float>>(
                rows, classes, logits, strideLogits, targets, labelSmoothing, classWeights, gradLogits, strideGradLogits, parallel),
            128 => Compute<Lanes128, Vector128<float>>(
                rows, classes, logits, strideLogits, targets, labelSmoothing, classWeights, gradLogits, strideGradLogits, parallel),
            _ => Compute<Lanes1, float>(rows, classes, logits, strideLogits, targets, labelSmoothing, classWeights, gradLogits, strideGradLogits, parallel),
        };
    }

    internal static double Compute<TLanes, TVector>(
        int rows, int classes, ReadOnlySpan<float> logits, int strideLogits, ReadOnlySpan<int> targets, float labelSmoothing,
        ReadOnlySpan<float> classWeights, Span<float> gradLogits, int strideGradLogits, CpuParallel parallel)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        KernelCheck.Size(rows, nameof(rows), 1);
        KernelCheck.Size(classes, nameof(classes), 1);
        KernelCheck.Matrix(logits.Length, nameof(logits), rows, nameof(rows), classes, nameof(classes), strideLogits);
        KernelCheck.Vector(targets.Length, nameof(targets), rows, nameof(rows));
        KernelCheck.Fraction(labelSmoothing, nameof(labelSmoothing));
        if (!gradLogits.IsEmpty)
            KernelCheck.Matrix(gradLogits.Length, nameof(gradLogits), rows, nameof(rows), classes, nameof(classes), strideGradLogits);
        double smoothWeight = CheckWeights(classes, classWeights);
        double targetWeight = CheckTargets(classes, targets, classWeights);

        int partials = RowBlocks.Partials(rows);
        double* partial = stackalloc double[partials];
        fixed (float* pLogits = logits, pWeights = classWeights, pGrad = gradLogits)
        fixed (int* pTargets = targets)
        {
            var row = new Row<TLanes, TVector>(
                classes, pWeights, 1 - (double)labelSmoothing, labelSmoothing / (double)classes, smoothWeight, targetWeight > 0 ? 1 / targetWeight : 0);
            var job = new Job<TLanes, TVector>(row, rows, pLogits, strideLogits, pTargets, pGrad, strideGradLogits, partial);
            parallel.For(partials, ref job);
        }

        double loss = 0;
        for (int i = 0; i < partials; i++)
            loss += partial[i];
        return loss;
    }

    private static double CheckWeights(int classes, ReadOnlySpan<float> classWeights)
    {
        if (classWeights.IsEmpty)
            return classes;
        KernelCheck.Vector(classWeights.Length, nameof(classWeights), classes, nameof(classes));
        double sum = 0;
        for (int c = 0; c < classWeights.Length; c++)
        {
            if (!(classWeights[c] >= 0f) || float.IsInfinity(classWeights[c]))
                throw new ArgumentOutOfRangeException(
                    nameof(classWeights), classWeights[c], $"Class weight {c} must be finite and not negative; got {classWeights[c]}.");
            sum += classWeights[c];
        }

        return sum;
    }

    private static double CheckTargets(int classes, ReadOnlySpan<int> targets, ReadOnlySpan<float> classWeights)
    {
        double sum = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            if ((uint)targets[i] >= (uint)classes)
                throw new ArgumentOutOfRangeException(nameof(targets), targets[i], $"The target of row {i} must be 0 to {classes - 1}; got {targets[i]}.");
            sum += classWeights.IsEmpty ? 1 : classWeights[targets[i]];
        }

        return sum;
    }

    private readonly struct Job<TLanes, TVector>(
        Row<TLanes, TVector> row, int rows, float* logits, int strideLogits, int* targets, float* gradLogits, int strideGradLogits, double* partial) : IParallelJob
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public void Run(int index)
        {
            int size = RowBlocks.RowsPerPartial(rows);
            int end = Math.Min((index + 1) * size, rows);
            double loss = 0;
            for (int i = index * size; i < end; i++)
                loss += row.Compute(logits + (nint)i * strideLogits, targets[i], gradLogits == null ? null : gradLogits + (nint)i * strideGradLogits);
            partial[index] = loss;
        }
    }
}

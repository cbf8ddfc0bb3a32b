namespace Microsoft.ML.Mamba.Cpu.Kernels;

internal static unsafe partial class CrossEntropy
{
    /// <summary>Loss and gradient of one row, already divided by the weight of all targets.</summary>
    private readonly struct Row<TLanes, TVector>(
        int classes, float* classWeights, double hardShare, double smoothShare, double smoothWeight, double scale)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        public double Compute(float* x, int target, float* gradient)
        {
            float max = SoftmaxRow.Max<TLanes, TVector>(x, classes);
            double hard = hardShare * (classWeights == null ? 1 : classWeights[target]);
            double loss = -hard * ((double)x[target] - max);
            if (smoothShare > 0)
                loss -= smoothShare * WeightedSum(x, max);

            // The logits may be overwritten from here on.
            double sum = SoftmaxRow.Exponentials<TLanes, TVector>(x, max, gradient, classes);
            loss += (hard + smoothShare * smoothWeight) * Math.Log(sum);
            if (gradient != null)
                Differentiate(gradient, target, hard, sum);
            return scale == 0 ? 0 : loss * scale;
        }

        private double WeightedSum(float* x, float max)
        {
            double sum = 0;
            for (int c = 0; c < classes; c++)
                sum += ((double)x[c] - max) * (classWeights == null ? 1 : classWeights[c]);
            return sum;
        }

        /// <summary><c>gradient[c] = (p[c] (hard + smoothShare sum w) - hard [c = target] - smoothShare w[c]) * scale</c>, from the exponentials in place.</summary>
        private void Differentiate(float* gradient, int target, double hard, double sum)
        {
            if (scale == 0)
            {
                new Span<float>(gradient, classes).Clear();
                return;
            }

            SoftmaxRow.Scale<TLanes, TVector>(gradient, (float)((hard + smoothShare * smoothWeight) * scale / sum), classes);
            if (smoothShare > 0)
            {
                for (int c = 0; c < classes; c++)
                    gradient[c] -= (float)(smoothShare * scale * (classWeights == null ? 1 : classWeights[c]));
            }

            gradient[target] -= (float)(hard * scale);
        }
    }
}

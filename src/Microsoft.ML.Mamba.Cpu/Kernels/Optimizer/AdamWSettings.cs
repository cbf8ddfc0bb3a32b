namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>The scalars of one <see cref="AdamW"/> step.</summary>
/// <param name="Step">Number of this step, from 1.</param>
/// <param name="LearningRate">Not negative.</param>
/// <param name="Beta1">Decay of the first moment, at least 0 and below 1.</param>
/// <param name="Beta2">Decay of the second moment, at least 0 and below 1.</param>
/// <param name="Epsilon">Positive.</param>
/// <param name="WeightDecay">Not negative; times the learning rate, on the ranges that decay.</param>
/// <param name="GradientScale">Every gradient is multiplied by this first, as clipping by norm does.</param>
internal readonly record struct AdamWSettings(
    long Step, float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, float GradientScale = 1f);

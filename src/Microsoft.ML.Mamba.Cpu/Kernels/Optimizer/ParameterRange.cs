namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Neighbouring elements of a flat block of parameters.</summary>
internal readonly record struct ParameterRange(int Start, int Length);

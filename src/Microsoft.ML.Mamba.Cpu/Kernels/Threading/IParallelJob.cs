namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>Work cut into numbered pieces for <see cref="CpuParallel.For{TJob}"/>.</summary>
internal interface IParallelJob
{
    /// <summary>
    /// Does piece <paramref name="index"/>. Called on several threads at once, so it must not change the job's fields; what it writes must
    /// depend on the index alone.
    /// </summary>
    void Run(int index);
}

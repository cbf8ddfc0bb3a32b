namespace Microsoft.ML.Mamba.MlNetContract.Tests;

/// <summary>A context implements the environment's interface explicitly; components see it as the interface, tests hold it as a context.</summary>
internal static class Hosts
{
    public static IHost Register(this MLContext ml, string name, int? seed = null) => ((IHostEnvironment)ml).Register(name, seed);
}

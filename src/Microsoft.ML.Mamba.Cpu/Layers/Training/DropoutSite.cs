namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>Numbers of the places where dropout is applied; each draws masks of its own.</summary>
internal static class DropoutSite
{
    public const int Token = 0;
    public const int Embedding = 1;
    public const int Head = 2;

    /// <summary>The output of a block.</summary>
    public static int Block(int layer) => 3 + layer;
}

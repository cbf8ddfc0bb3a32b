namespace Microsoft.ML.Data;

internal static class NotCovered
{
    /// <summary>What to throw where the real package goes further than this stand-in.</summary>
    public static Exception Error(string what)
        => Contracts.ExceptNotSupp($"{what} is not part of this stand-in; the real Microsoft.ML package has it");
}

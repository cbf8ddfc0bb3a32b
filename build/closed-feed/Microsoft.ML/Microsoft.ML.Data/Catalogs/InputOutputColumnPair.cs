namespace Microsoft.ML;

/// <summary>The names of an output column and of the input column it is made from.</summary>
public sealed class InputOutputColumnPair
{
    public InputOutputColumnPair(string outputColumnName, string inputColumnName = null)
    {
        Contracts.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        InputColumnName = inputColumnName ?? outputColumnName;
        OutputColumnName = outputColumnName;
    }

    public string InputColumnName { get; }

    public string OutputColumnName { get; }

    internal static (string outputColumnName, string inputColumnName)[] ConvertToValueTuples(InputOutputColumnPair[] infos)
    {
        Contracts.CheckValue(infos, "columns");
        return infos.Select(info => (info.OutputColumnName, info.InputColumnName)).ToArray();
    }
}

namespace Microsoft.ML.Mamba;

/// <summary>What happens to a row whose sequence has no token or frame.</summary>
public enum MambaEmptySequence
{
    /// <summary>It is an error that names the row.</summary>
    Error = 0,

    /// <summary>Training skips and counts the row; scoring gives it a missing label and scores of NaN.</summary>
    Missing = 1,
}

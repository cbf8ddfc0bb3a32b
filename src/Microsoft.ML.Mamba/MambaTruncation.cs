namespace Microsoft.ML.Mamba;

/// <summary>What happens to a sequence that is longer than <see cref="MambaClassificationOptions.MaxLength"/>.</summary>
public enum MambaTruncation
{
    /// <summary>It is an error that names the row, its length and the limit.</summary>
    Error = 0,

    /// <summary>Its first tokens are kept.</summary>
    Head = 1,

    /// <summary>Its last tokens are kept.</summary>
    Tail = 2,

    /// <summary>It is used whole; the limit only makes the log count such rows.</summary>
    Keep = 3,
}

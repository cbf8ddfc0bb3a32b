using Microsoft.ML.Mamba.Data.Loading;

namespace Microsoft.ML.Mamba;

/// <summary>What happens to records of a sequence file that have no letter.</summary>
public enum EmptyRecords
{
    /// <summary>It is an error that names the file and the line.</summary>
    Error = 0,

    /// <summary>They are rows with an empty sequence.</summary>
    Keep = 1,

    /// <summary>They are left out.</summary>
    Skip = 2,
}

/// <summary>
/// What the loaders of FASTA and FASTQ files have in common. Checked and copied when a loader is called. Not thread-safe.
/// </summary>
public abstract class SequenceFileOptions
{
    private protected SequenceFileOptions()
    {
    }

    /// <summary>The column of ids, text: the header up to the first blank or tab. Default <c>Id</c>.</summary>
    public string IdColumnName { get; set; } = "Id";

    /// <summary>
    /// The column of descriptions, text: what follows the id in the header, without blanks around it; often empty. Default
    /// <c>Description</c>.
    /// </summary>
    public string DescriptionColumnName { get; set; } = "Description";

    /// <summary>The column of sequences, text: the letters of all lines of the record. Default <c>Sequence</c>.</summary>
    public string SequenceColumnName { get; set; } = "Sequence";

    /// <summary>The column of labels, text; there only where <see cref="Label"/> is set. Default <c>Label</c>.</summary>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>Where the labels are. Default null: there is no label column.</summary>
    public SequenceLabel? Label { get; set; }

    /// <summary>
    /// Whether lower-case letters of sequences become upper-case ones. Default false: letters stay as they are; in genomes lower case often
    /// marks repeats.
    /// </summary>
    public bool UpperCase { get; set; }

    /// <summary>What happens to records without a letter. Default <see cref="EmptyRecords.Error"/>.</summary>
    public EmptyRecords EmptyRecords { get; set; }

    internal virtual void Check()
    {
        ColumnNames.Check(Columns());
        if (!Enum.IsDefined(EmptyRecords))
            throw new ArgumentOutOfRangeException(nameof(EmptyRecords), EmptyRecords, "EmptyRecords must be Error, Keep or Skip.");
    }

    internal SequenceFileOptions Copy() => (SequenceFileOptions)MemberwiseClone();

    private protected virtual (string? Name, string Parameter)[] Columns() =>
    [
        (IdColumnName, nameof(IdColumnName)), (DescriptionColumnName, nameof(DescriptionColumnName)),
        (SequenceColumnName, nameof(SequenceColumnName)),
        (Label == null ? null : LabelColumnName, nameof(LabelColumnName)),
    ];
}

/// <summary>Options of <c>mlContext.Data.LoadFromFasta</c>.</summary>
public sealed class FastaOptions : SequenceFileOptions
{
    /// <summary>Whether a <c>*</c> at a sequence's end, which marks a protein's stop, stays. Default false: it is taken away.</summary>
    public bool KeepStop { get; set; }
}

/// <summary>Options of <c>mlContext.Data.LoadFromFastq</c>.</summary>
public sealed class FastqOptions : SequenceFileOptions
{
    /// <summary>
    /// The column of quality scores: a vector of Single of variable length, one Phred score a letter of the sequence, 0 to 93. Default
    /// <c>Quality</c>.
    /// </summary>
    public string QualityColumnName { get; set; } = "Quality";

    /// <summary>
    /// The code of the letter that stands for the score 0: 33 (Sanger, and Illumina since 1.8) or 64 (Illumina 1.3 to 1.7). A letter below
    /// it is an error. Default 33.
    /// </summary>
    public int QualityOffset { get; set; } = 33;

    internal override void Check()
    {
        base.Check();
        if (QualityOffset is not (33 or 64))
            throw new ArgumentOutOfRangeException(nameof(QualityOffset), QualityOffset, "QualityOffset must be 33 or 64.");
    }

    private protected override (string? Name, string Parameter)[] Columns() =>
        [.. base.Columns(), (QualityColumnName, nameof(QualityColumnName))];
}

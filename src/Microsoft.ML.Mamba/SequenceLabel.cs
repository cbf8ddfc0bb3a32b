using System.Text.RegularExpressions;
using Microsoft.ML.Mamba.Data.Loading;

namespace Microsoft.ML.Mamba;

/// <summary>What happens to records of a sequence file whose label is not found.</summary>
public enum MissingLabels
{
    /// <summary>It is an error that names the file, the line and what was looked for, when the label is read.</summary>
    Error = 0,

    /// <summary>Their label is empty, which <c>Conversion.MapValueToKey</c> makes a missing key; training skips such rows.</summary>
    Missing = 1,
}

/// <summary>
/// Where the labels of sequence files are: in the headers, in the files' names, in the folders' names, or in a table. Immutable and
/// thread-safe.
/// </summary>
public sealed class SequenceLabel
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(1);

    private readonly Func<RecordLabels> _open;

    private SequenceLabel(Func<RecordLabels> open) => _open = open;

    /// <summary>In the header, by a regular expression of .NET.</summary>
    /// <param name="pattern">
    /// The expression, which is looked for anywhere in the header without its mark (<c>&gt;</c> or <c>@</c>). The label is what its group
    /// <c>label</c> matched, where it has one of that name; or else its first group; or else the whole match. Case matters unless the
    /// pattern says <c>(?i)</c>. An empty label is a missing one.
    /// </param>
    /// <param name="missing">What happens where nothing matches. Default <see cref="MissingLabels.Error"/>.</param>
    /// <param name="timeout">
    /// The longest time that matching one header may take, which ends with an error. Default null: one second.
    /// </param>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive.</exception>
    public static SequenceLabel FromHeader(string pattern, MissingLabels missing = MissingLabels.Error, TimeSpan? timeout = null)
    {
        Regex regex = Compile(pattern, missing, timeout);
        return new SequenceLabel(() => new HeaderLabels(regex, missing));
    }

    /// <summary>In the file's name, the same for all of its records.</summary>
    /// <param name="pattern">
    /// A regular expression for the name with its extensions, as in <see cref="FromHeader"/>. Default null: the label is the name without
    /// its extension, and without <c>.gz</c> or <c>.bgz</c> behind that: <c>ecoli.train</c> for <c>ecoli.train.fa.gz</c>.
    /// </param>
    /// <param name="missing">What happens where nothing matches. Default <see cref="MissingLabels.Error"/>.</param>
    /// <param name="timeout">The longest time that matching may take. Default null: one second.</param>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive.</exception>
    public static SequenceLabel FromFileName(string? pattern = null, MissingLabels missing = MissingLabels.Error, TimeSpan? timeout = null)
    {
        Regex? regex = pattern == null ? null : Compile(pattern, missing, timeout);
        return new SequenceLabel(() => new FileNameLabels(regex, missing));
    }

    /// <summary>In the name of the folder that the file lies in, the same for all of its records.</summary>
    public static SequenceLabel FromFolderName() => new(() => new FolderNameLabels());

    /// <summary>
    /// In a table with a record's id and its label in each line, tabs between the columns, plain or compressed with gzip. It is read when a
    /// loader is called.
    /// </summary>
    /// <param name="path">The table. Blank lines mean nothing; an id that no record has does no harm.</param>
    /// <param name="idColumn">The column of ids, from 0. Default 0.</param>
    /// <param name="labelColumn">The column of labels, from 0. Default 1. An empty label is a missing one.</param>
    /// <param name="hasHeader">Whether the first line holds names and is passed over. Default false.</param>
    /// <param name="missing">What happens to records whose id the table lacks. Default <see cref="MissingLabels.Error"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is negative, or both are the same.</exception>
    public static SequenceLabel FromTable(
        string path, int idColumn = 0, int labelColumn = 1, bool hasHeader = false, MissingLabels missing = MissingLabels.Error)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(idColumn);
        ArgumentOutOfRangeException.ThrowIfNegative(labelColumn);
        ArgumentOutOfRangeException.ThrowIfEqual(labelColumn, idColumn);
        Check(missing);
        return new SequenceLabel(() => new TableLabels(LabelTable.Read(path, idColumn, labelColumn, hasHeader), path, missing));
    }

    internal RecordLabels Open() => _open();

    private static Regex Compile(string pattern, MissingLabels missing, TimeSpan? timeout)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        Check(missing);
        TimeSpan time = timeout ?? DefaultTimeout;
        return time > TimeSpan.Zero
            ? new Regex(pattern, RegexOptions.CultureInvariant, time)
            : throw new ArgumentOutOfRangeException(nameof(timeout), time, "timeout must be positive.");
    }

    private static void Check(MissingLabels missing)
    {
        if (!Enum.IsDefined(missing))
            throw new ArgumentOutOfRangeException(nameof(missing), missing, "missing must be Error or Missing.");
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Finds the labels of records. Thread-safe: the cursors of a view share one.</summary>
internal abstract class RecordLabels
{
    /// <summary>The label of a parser's current record; empty where it is missing.</summary>
    /// <exception cref="InvalidDataException">It is missing, where that is an error.</exception>
    public abstract string Find(RecordParser record, string file);

    /// <summary>The label of a file as a whole; empty where it is missing.</summary>
    /// <exception cref="ArgumentException">Labels are in the records, which such files have not.</exception>
    /// <exception cref="InvalidDataException">It is missing, where that is an error.</exception>
    public virtual string Find(string file) =>
        throw new ArgumentException(
            "label must be SequenceLabel.FromFileName or FromFolderName: these files have no headers or ids of records.", "label");

    /// <summary>
    /// What a pattern finds in a text: its group <c>label</c>, its first group, or all of the match; null where it does not match or finds
    /// nothing.
    /// </summary>
    protected static string? Match(Regex regex, string text, Func<string, InvalidDataException> problem)
    {
        try
        {
            Match match = regex.Match(text);
            if (!match.Success)
                return null;
            Group group = match.Groups.ContainsKey("label") ? match.Groups["label"] : match.Groups.Count > 1 ? match.Groups[1] : match;
            return group.Length > 0 ? group.Value : null;
        }
        catch (RegexMatchTimeoutException)
        {
            string seconds = regex.MatchTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            throw problem($"looking for the label by the pattern '{regex}' in '{text}' took longer than {seconds} s.");
        }
    }
}

internal sealed class HeaderLabels(Regex regex, MissingLabels missing) : RecordLabels
{
    public override string Find(RecordParser record, string file)
    {
        string header = record.HeaderText();
        return Match(regex, header, record.Problem)
            ?? (missing == MissingLabels.Missing
                ? ""
                : throw record.Problem($"the pattern '{regex}' finds no label in the header '{header}'."));
    }
}

internal sealed class FileNameLabels(Regex? regex, MissingLabels missing) : RecordLabels
{
    public override string Find(RecordParser record, string file) => Find(file);

    public override string Find(string file)
    {
        string name = Path.GetFileName(file);
        if (regex == null)
            return Path.GetFileNameWithoutExtension(FilePaths.WithoutCompression(name));
        return Match(regex, name, problem => new InvalidDataException($"'{file}': {problem}"))
            ?? (missing == MissingLabels.Missing
                ? ""
                : throw new InvalidDataException($"'{file}': the pattern '{regex}' finds no label in the file's name '{name}'."));
    }
}

internal sealed class FolderNameLabels : RecordLabels
{
    public override string Find(RecordParser record, string file) => Find(file);

    public override string Find(string file) => Path.GetFileName(Path.GetDirectoryName(file)) ?? "";
}

internal sealed class TableLabels(Dictionary<string, string> labels, string path, MissingLabels missing) : RecordLabels
{
    public override string Find(RecordParser record, string file)
    {
        (string id, _) = SequenceHeader.Split(record.HeaderText());
        if (labels.TryGetValue(id, out string? label) && (label.Length > 0 || missing == MissingLabels.Missing))
            return label;
        return missing == MissingLabels.Missing ? "" : throw record.Problem(
            $"the label table '{path}' has {(label == null ? "no line" : "an empty label")} for the id '{id}'.");
    }
}

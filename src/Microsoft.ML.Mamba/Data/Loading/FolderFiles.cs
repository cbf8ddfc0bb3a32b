using System.IO.Enumeration;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Lists folders of files, whose names are labels.</summary>
internal static class FolderFiles
{
    public static List<LabelledFile> List(string folder, string searchPattern, bool recursive)
    {
        string[] patterns = Patterns(searchPattern);
        string root = Path.GetFullPath(folder);
        if (!Directory.Exists(root))
            throw new DirectoryNotFoundException($"There is no folder '{root}' to load labelled files from.");
        string[] classes = [.. Entries(root, recursive: false, directories: true).Order(StringComparer.Ordinal)];
        if (classes.Length == 0)
            throw new InvalidDataException($"The folder '{root}' has no folders; one a class is expected, whose name is the label.");
        var files = new List<LabelledFile>();
        foreach (string label in classes)
        {
            string directory = Path.Combine(root, label);
            foreach (string file in Below(directory, patterns, recursive))
                files.Add(new LabelledFile { File = Path.Combine(directory, file), Label = label, Name = Path.GetFileName(file) });
        }

        return files.Count > 0 ? files : throw new InvalidDataException(
            $"None of the {classes.Length} folders in '{root}' has a file of the pattern '{searchPattern}'"
            + (recursive ? "." : " (folders below them were not searched)."));
    }

    /// <summary>The files of a folder that match a pattern, by their path below it, in ordinal order with / between the parts.</summary>
    public static string[] Below(string directory, string[] patterns, bool recursive) =>
    [
        .. Entries(directory, recursive, directories: false)
            .Where(file => Array.Exists(patterns, pattern => Matches(pattern, Path.GetFileName(file))))
            .OrderBy(file => file.Replace(Path.DirectorySeparatorChar, '/'), StringComparer.Ordinal),
    ];

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);

    private static string[] Patterns(string searchPattern)
    {
        ArgumentNullException.ThrowIfNull(searchPattern);
        string[] patterns = searchPattern.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (patterns.Length == 0)
            throw new ArgumentException("searchPattern must name files, such as '*.wav'; it is empty.", nameof(searchPattern));
        return patterns.FirstOrDefault(pattern => pattern.AsSpan().ContainsAny('/', '\\')) is { } path
            ? throw new ArgumentException(
                $"searchPattern must be of file names; '{path}' holds a directory separator.", nameof(searchPattern))
            : patterns;
    }

    // Hidden and system entries are skipped, which on Unix are those that start with a dot.
    private static IEnumerable<string> Entries(string root, bool recursive, bool directories)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = recursive, IgnoreInaccessible = false };
        return new FileSystemEnumerable<string>(
            root, (ref FileSystemEntry entry) => Path.GetRelativePath(root, entry.ToFullPath()), options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory == directories && !entry.FileName.StartsWith('.'),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.'),
        };
    }
}

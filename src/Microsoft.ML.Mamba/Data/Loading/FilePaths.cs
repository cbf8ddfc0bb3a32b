using System.IO.Enumeration;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>Turns what a user says, files, wildcards and folders, into full paths of files.</summary>
internal static class FilePaths
{
    private static readonly string[] Compressed = [".gz", ".bgz"];
    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <param name="paths">Files, wildcards and folders.</param>
    /// <param name="extensions">How files in folders end.</param>
    /// <param name="parameter">Who says the paths.</param>
    /// <param name="compressed">Whether files in folders may end with .gz or .bgz behind that.</param>
    public static string[] Resolve(IEnumerable<string> paths, string[] extensions, string parameter, bool compressed = true)
    {
        var files = new List<string>();
        foreach (string path in paths)
        {
            if (string.IsNullOrEmpty(path))
                throw new ArgumentException($"{parameter} has an empty path.", parameter);
            string full = Path.GetFullPath(path);
            if (File.Exists(full))
                files.Add(full);
            else if (Directory.Exists(full))
                files.AddRange(InFolder(full, extensions, compressed ? Compressed : []));
            else if (path.AsSpan().ContainsAny('*', '?'))
                files.AddRange(Matches(full));
            else
                throw new FileNotFoundException($"There is no file '{full}'.", full);
        }

        return files.Count > 0 ? [.. files] : throw new ArgumentException($"{parameter} names no file.", parameter);
    }

    public static string WithoutCompression(string name) =>
        Array.Find(Compressed, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase)) is { } end ? name[..^end.Length] : name;

    private static string[] InFolder(string folder, string[] extensions, string[] compressed)
    {
        string[] patterns = [.. extensions.SelectMany(extension => compressed.Append("").Select(end => "*" + extension + end))];
        string[] files = [.. FolderFiles.Below(folder, patterns, recursive: true).Select(file => Path.Combine(folder, file))];
        return files.Length > 0 ? files : throw new FileNotFoundException(
            $"The folder '{folder}' has no file that ends with {string.Join(", ", extensions)}"
            + (compressed.Length > 0 ? ", with or without .gz or .bgz." : "."),
            folder);
    }

    // Wildcards may stand in the names of folders, too.
    private static List<string> Matches(string pattern)
    {
        string root = Path.GetPathRoot(pattern)!;
        string[] parts = pattern[root.Length..].Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        List<string> found = [root];
        for (int i = 0; i < parts.Length; i++)
        {
            bool folders = i < parts.Length - 1;
            string part = parts[i];
            found = part.AsSpan().ContainsAny('*', '?')
                ? [.. found.SelectMany(folder => Entries(folder, part, folders))]
                : [.. found.Select(folder => Path.Combine(folder, part)).Where(folders ? Directory.Exists : File.Exists)];
        }

        return found.Count > 0 ? found : throw new FileNotFoundException($"No file matches '{pattern}'.", pattern);
    }

    private static IEnumerable<string> Entries(string folder, string pattern, bool folders)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = false, MatchCasing = MatchCasing.CaseInsensitive };
        IEnumerable<string> entries = folders
            ? Directory.EnumerateDirectories(folder, "*", options)
            : Directory.EnumerateFiles(folder, "*", options);
        return entries.Where(path => Fits(Path.GetFileName(path))).Order(StringComparer.Ordinal);

        bool Fits(string name) => !name.StartsWith('.') && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);
    }
}

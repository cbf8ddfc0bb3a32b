namespace Microsoft.ML.Data;

internal static class FilePatterns
{
    /// <summary>The files that a pattern matches, none twice.</summary>
    public static string[] Expand(string pattern)
    {
        if (string.IsNullOrEmpty(pattern))
            return [];
        if (pattern.AsSpan().IndexOfAny('*', '?', '+') < 0 && !pattern.Contains("..."))
            return File.Exists(pattern) ? [pattern] : [];
        return pattern.Split('+', StringSplitOptions.RemoveEmptyEntries).SelectMany(ExpandOne).Distinct(StringComparer.Ordinal).ToArray();
    }

    private static IEnumerable<string> ExpandOne(string pattern)
    {
        int recursive = pattern.IndexOf("...", StringComparison.Ordinal);
        if (recursive >= 0)
        {
            string folder = recursive == 0 ? "." : pattern[..recursive];
            string names = pattern[(recursive + 3)..].TrimStart('\\', '/');
            return Matches(folder, names.Length == 0 ? "*" : names, SearchOption.AllDirectories);
        }
        if (pattern.AsSpan().IndexOfAny('*', '?') < 0)
            return File.Exists(pattern) ? [pattern] : [];
        string directory = Path.GetDirectoryName(pattern);
        return Matches(string.IsNullOrEmpty(directory) ? "." : directory, Path.GetFileName(pattern), SearchOption.TopDirectoryOnly);
    }

    private static IEnumerable<string> Matches(string folder, string names, SearchOption depth)
        => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, names, depth).Order(StringComparer.Ordinal) : [];
}

using System.IO.Compression;

/// <summary>Makes the packages and checks what they depend on.</summary>
static class Packages
{
    public static int Write(string root, string solution)
    {
        string folder = Path.Combine(root, "artifacts", "packages");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        int code = Shell.Dotnet(root, "pack", solution, "-c", "Release", "-v", "q", "-o", folder);
        if (code != 0)
            return code;
        foreach (string file in Directory.GetFiles(folder, "*.nupkg").Order(StringComparer.Ordinal))
        {
            using ZipArchive package = ZipFile.OpenRead(file);
            ZipArchiveEntry nuspec = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal));
            using var reader = new StreamReader(nuspec.Open());
            if (reader.ReadToEnd().Contains("closedfeed", StringComparison.Ordinal))
                throw new BuildException($"{file} depends on a stand-in.");
            if (package.GetEntry("README.md") == null)
                throw new BuildException($"{file} has no README.");
            Console.WriteLine(Path.GetRelativePath(root, file));
        }

        return 0;
    }
}

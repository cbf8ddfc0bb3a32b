using System.Reflection;

namespace Microsoft.ML.Mamba.Tests.Architecture;

/// <summary>The public surface of the shipped assemblies is what the approved text files say.</summary>
public class PublicApiTests
{
    public static TheoryData<string> Assemblies => ["Microsoft.ML.Mamba", "Microsoft.ML.Mamba.Core", "Microsoft.ML.Mamba.Cpu"];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void PublicApi_IsTheApprovedOne(string name)
    {
        string actual = PublicApiText.Of(Assembly.Load(name));
        string path = Path.Combine(RepositoryRoot, "test", "Microsoft.ML.Mamba.Tests", "PublicApi", name + ".txt");
        if (System.Environment.GetEnvironmentVariable("MAMBA_UPDATE_PUBLIC_API") == "1")
            File.WriteAllText(path, actual);
        string[] approved = Lines(File.Exists(path) ? File.ReadAllText(path) : ""), found = Lines(actual);
        IEnumerable<string> difference = approved.Except(found).Select(line => "- " + line).Concat(found.Except(approved).Select(line => "+ " + line));
        Assert.True(approved.SequenceEqual(found),
            $"The public API of {name} is not the approved one:\n{string.Join('\n', difference)}\nWhere that is meant, "
            + $"run this test with MAMBA_UPDATE_PUBLIC_API=1 and commit {Path.GetFileName(path)}.");
    }

    private static string RepositoryRoot =>
        typeof(PublicApiTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            attribute => attribute.Key == "RepositoryRoot").Value!;

    // A member that moves to another type shows as a difference, because its line carries its type.
    private static string[] Lines(string text)
    {
        var lines = new List<string>();
        string type = "";
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith(' '))
                type = line;
            lines.Add(line.StartsWith(' ') ? $"{type} | {line.Trim()}" : line);
        }

        return [.. lines];
    }
}

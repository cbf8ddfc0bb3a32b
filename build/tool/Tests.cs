using System.Xml.Linq;

/// <summary>Runs the test projects and counts their results.</summary>
static class Tests
{
    public static int Run(string root, string solution, List<string> arguments)
    {
        string? filter = null;
        if (arguments is ["--filter", var expression])
            filter = expression;
        else if (arguments.Count > 0)
            throw new BuildException($"test takes --filter F; got '{string.Join(' ', arguments)}'.");

        string results = Path.Combine(root, "artifacts", "test-results");
        if (Directory.Exists(results))
            Directory.Delete(results, recursive: true);
        int built = Shell.Dotnet(root, "build", solution, "-c", "Release", "-v", "q");
        if (built != 0)
            return built;
        List<string> command = ["test", solution, "-c", "Release", "--no-build", "--logger", "trx", "--results-directory", results];
        if (filter != null)
            command.AddRange(["--filter", filter]);
        int code = Shell.Dotnet(root, [.. command]);

        int passed = 0, failed = 0, skipped = 0;
        foreach (string file in Directory.Exists(results) ? Directory.GetFiles(results, "*.trx") : [])
        {
            XElement counters = XDocument.Load(file).Descendants().First(element => element.Name.LocalName == "Counters");
            int Counter(string name) => (int)counters.Attribute(name)!;
            passed += Counter("passed");
            failed += Counter("failed") + Counter("error") + Counter("timeout") + Counter("aborted");
            skipped += Counter("total") - Counter("executed");
        }

        if (passed + failed + skipped == 0)
        {
            Console.Error.WriteLine("No test was run.");
            code = code == 0 ? 1 : code;
        }

        Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
        return code;
    }
}

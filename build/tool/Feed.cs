using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

/// <summary>
/// Decides where Microsoft.ML and TorchSharp come from and writes that into artifacts/feed/feed.props, which every project imports.
/// </summary>
sealed class Feed(string root)
{
    private const string WholeSolution = "Microsoft.ML.Mamba.sln";
    private readonly string _folder = Path.Combine(root, "artifacts", "feed");
    private readonly string _standIns = Path.Combine(root, "build", "closed-feed");
    private readonly List<string> _sources = [];
    private readonly List<(string Name, string Value)> _properties = [];

    /// <summary>What is built as a whole: the solution, or what of it the feed allows.</summary>
    public string Solution { get; private set; } = WholeSolution;

    public void Select(string? directory, bool standIns)
    {
        Directory.CreateDirectory(_folder);
        SelectMlNet(directory, standIns);
        SelectTorch(standIns);
        if (_sources.Count > 0)
            _properties.Add(("RestoreAdditionalProjectSources", string.Join(';', _sources.Distinct())));
        WriteProps(_properties);
    }

    private void SelectMlNet(string? directory, bool standIns)
    {
        string[] packages = ["Microsoft.ML", "Microsoft.ML.Tokenizers"];
        if (directory != null)
            UseDirectory(directory);
        else if (standIns)
            UseStandIns("As asked for the closed feed", packages);
        else if (!Has("microsoft-ml", packages))
            UseStandIns("The package feed has no Microsoft.ML", packages);
    }

    private void SelectTorch(bool standIns)
    {
        if (!standIns && Has("torchsharp", "TorchSharp", OperatingSystem.IsLinux() ? "libtorch-cpu-linux-x64" : "TorchSharp-cpu"))
            return;
        string why = standIns ? "As asked for the closed feed" : "The package feed has no TorchSharp";
        if (TorchStandInLacks() is { } lacks)
        {
            LeaveTorchOut($"{why}, and {lacks}");
            return;
        }

        UseStandIns(why, "TorchSharp");
        _properties.Add(("TorchSharpStandIn", "true"));
    }

    /// <summary>Why the stand-in for TorchSharp cannot be built here, or null.</summary>
    private static string? TorchStandInLacks()
    {
        const string Header = "/usr/include/torch/csrc/api/include/torch/version.h", Written = "1.13.";
        if (!OperatingSystem.IsLinux())
            return "the stand-in for TorchSharp can be built on Linux only";
        if (!File.Exists(Header) || !Native.OnPath("c++"))
        {
            return "the stand-in for TorchSharp needs libtorch and a C++ compiler "
                + "(on Debian 12: apt-get install --no-install-recommends libtorch-dev g++)";
        }

        string version = Regex.Match(File.ReadAllText(Header), @"define TORCH_VERSION[\s\\]+""([^""]*)""").Groups[1].Value;
        return version.StartsWith(Written, StringComparison.Ordinal)
            ? null
            : $"the stand-in for TorchSharp needs libtorch {Written}x (Debian 12's libtorch-dev); there is {version}";
    }

    /// <summary>Builds the solution without the projects that need TorchSharp, by a solution filter.</summary>
    private void LeaveTorchOut(string why)
    {
        Console.WriteLine($"{why}: the TorchSharp engine and its tests are left out.");
        Solution = Path.Combine("artifacts", "feed", "without-torchsharp.slnf");
        IEnumerable<string> projects = File.ReadLines(Path.Combine(root, WholeSolution))
            .Where(line => line.StartsWith("Project(", StringComparison.Ordinal))
            .Select(line => line.Split('"')[5])
            .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) && !path.Contains("TorchSharp", StringComparison.Ordinal));
        string list = string.Join(",\n", projects.Select(path => $"      \"{path.Replace("\\", "\\\\", StringComparison.Ordinal)}\""));
        File.WriteAllText(
            Path.Combine(root, Solution), $"{{\n  \"solution\": {{\n    \"path\": \"../../{WholeSolution}\",\n    \"projects\": [\n{list}\n    ]\n  }}\n}}\n");
    }

    /// <summary>Asks whether the feed has a package of torch's libraries, which are gigabytes for a GPU.</summary>
    public void RequireTorch(string package)
    {
        if (_properties.Contains(("TorchSharpStandIn", "true")) || Solution != WholeSolution)
            throw new BuildException($"--gpu needs the published TorchSharp {PublishedVersion("TorchSharp")}: its stand-in is for CPUs only.");
        Console.WriteLine($"--gpu: {package} {PublishedVersion(package)}; fetching it the first time takes a while.");
        if (!Has("torchsharp-gpu", package))
            throw new BuildException($"--gpu needs the package {package} {PublishedVersion(package)}, which the package feed does not have.");
    }

    private void UseDirectory(string directory)
    {
        string full = Path.GetFullPath(directory);
        if (!Directory.Exists(full))
            throw new BuildException($"--feed: there is no folder '{full}'.");
        if (Directory.GetFiles(full, "Microsoft.ML.*.nupkg").Length == 0)
            throw new BuildException($"--feed: '{full}' holds no Microsoft.ML package.");
        // A package folder of its own, so that these packages never pass for the published ones of the same version.
        string packages = Path.Combine(root, "artifacts", "feed", "packages-" + Hash(Directory.GetFiles(full, "*.nupkg"), full));
        _sources.Add(full);
        _properties.Add(("RestorePackagesPath", packages));
    }

    private void UseStandIns(string why, params string[] names)
    {
        string[] sources = Directory.GetFiles(_standIns, "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")
                && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}")).ToArray();
        string suffix = "-closedfeed." + Hash(sources, _standIns);
        string folder = Path.Combine(_folder, "stand-ins");
        Console.WriteLine($"{why}: building against the stand-ins of build/closed-feed ({names[0]} {PublishedVersion(names[0])}{suffix}).");
        _sources.Add(folder);
        if (!_properties.Contains(("StandInSuffix", suffix)))
            _properties.Add(("StandInSuffix", suffix));
        foreach (string name in names)
        {
            string version = PublishedVersion(name) + suffix;
            _properties.Add((name.Replace(".", "") + "Version", version));
            if (File.Exists(Path.Combine(folder, $"{name}.{version}.nupkg")))
                continue;
            string project = Path.Combine(_standIns, name, name + ".csproj");
            string log = Shell.Capture(
                root, out int code, "pack", project, "-c", "Release", "-v", "q", "-o", folder, $"-p:StandInVersion={version}");
            if (code != 0)
                throw new BuildException($"The stand-in {name} could not be packed:\n{log}");
        }
    }

    /// <summary>Asks the feed once: the answer is kept beside the packages it is about.</summary>
    private bool Has(string name, params string[] packages)
    {
        string answer = Path.Combine(_folder, $"has-{name}.txt");
        string[] wanted = [.. packages.Select(package => $"{package} {PublishedVersion(package)}")];
        string question = string.Join(", ", wanted);
        if (File.Exists(answer) && File.ReadAllLines(answer) is [var asked, var said] && asked == question)
            return said == "yes";

        string probe = Path.Combine(_folder, "probe-" + name);
        Directory.CreateDirectory(probe);
        File.WriteAllText(Path.Combine(probe, "Directory.Build.props"), "<Project />");
        File.WriteAllText(Path.Combine(probe, "Directory.Packages.props"), "<Project />");
        File.WriteAllText(Path.Combine(probe, "Probe.csproj"), new XElement("Project", new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement("PropertyGroup", new XElement("TargetFramework", "net10.0")),
            new XElement("ItemGroup", wanted.Select(package => new XElement("PackageReference",
                new XAttribute("Include", package.Split(' ')[0]), new XAttribute("Version", package.Split(' ')[1]))))).ToString());
        string log = Shell.Capture(root, out int code, "restore", Path.Combine(probe, "Probe.csproj"));
        bool missing = log.Contains("NU1101") || log.Contains("NU1102") || log.Contains("NU1103");
        if (code != 0 && !missing)
            throw new BuildException($"The package feed did not answer:\n{log}");
        File.WriteAllLines(answer, [question, code == 0 ? "yes" : "no"]);
        return code == 0;
    }

    private string PublishedVersion(string package)
    {
        XDocument central = XDocument.Load(Path.Combine(root, "Directory.Packages.props"));
        string property = package switch
        {
            "TorchSharp-cpu" or "TorchSharp-cuda-linux" or "TorchSharp-cuda-windows" => "TorchSharpVersion",
            "libtorch-cpu-linux-x64" => "LibtorchVersion",
            _ => package.Replace(".", "") + "Version",
        };
        return central.Descendants(property).FirstOrDefault()?.Value ?? throw new BuildException($"Directory.Packages.props has no {property}.");
    }

    private void WriteProps(IEnumerable<(string Name, string Value)> properties)
    {
        string file = Path.Combine(_folder, "feed.props");
        string text = new XElement("Project", new XElement("PropertyGroup", properties.Select(property => new XElement(property.Name, property.Value)))) + "\n";
        // An unchanged file keeps its time stamp, so that nothing is restored again.
        if (!File.Exists(file) || File.ReadAllText(file) != text)
            File.WriteAllText(file, text);
    }

    private static string Hash(string[] files, string relativeTo)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(relativeTo, file).Replace('\\', '/')));
            hash.AppendData(File.ReadAllBytes(file));
        }

        // A letter first: a numeric pre-release label may not start with 0.
        return "h" + Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}

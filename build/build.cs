#:property PublishAot=false
#:property ManagePackageVersionsCentrally=false

using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

const string Help = """
    build                     compile everything (Release)
    test [--filter F]         run the tests; the last line counts them
    sample NAME [ARGS]        run a sample: genomics, text, audio, timeseries; with --gpu on an NVIDIA GPU
    bench NAME [ARGS]         run a benchmark: cpu, loading, torch
    pack                      write the NuGet packages to artifacts/packages
    native                    build the CUDA kernels into artifacts/native; needs nvcc and CMake
    help                      this text

    --feed DIR                take Microsoft.ML and Microsoft.ML.Tokenizers from the packages in DIR
    --closed-feed             build against the stand-ins of build/closed-feed, as where the feed has none of these
                              (either before or after the verb; the choice holds for this call only)
    """;

try
{
    return Run(new List<string>(args));
}
catch (BuildException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}

int Run(List<string> arguments)
{
    string root = FindRoot();
    var feed = new Feed(root);
    string? feedDirectory = null;
    // A sample's own arguments are left alone: these options count only before them.
    bool IsOurs(int position) => position >= 0 && (position < 2 || arguments[0] is not ("sample" or "bench"));
    int closed = arguments.IndexOf("--closed-feed");
    bool standIns = IsOurs(closed);
    if (standIns)
        arguments.RemoveAt(closed);
    int at = arguments.IndexOf("--feed");
    if (IsOurs(at))
    {
        if (standIns)
            throw new BuildException("--feed and --closed-feed exclude each other.");
        if (at + 1 >= arguments.Count)
            throw new BuildException("--feed needs a folder of packages.");
        feedDirectory = arguments[at + 1];
        arguments.RemoveRange(at, 2);
    }

    string verb = arguments.Count > 0 ? arguments[0] : "help";
    List<string> rest = arguments.Skip(1).ToList();
    if (verb is "help" or "-h" or "--help")
    {
        Console.WriteLine(Help);
        return 0;
    }

    if (verb == "native")
        return Native.Build(root, rest);
    if (verb is not ("build" or "test" or "sample" or "bench" or "pack"))
        throw new BuildException($"There is no verb '{verb}'.\n\n{Help}");
    if (verb is "build" or "pack" && rest.Count > 0)
        throw new BuildException($"'{verb}' takes no argument; got '{rest[0]}'.");
    string project = verb switch
    {
        "sample" => ProjectOf(root, "samples", verb, rest),
        "bench" => ProjectOf(root, "benchmarks", verb, rest),
        _ => "",
    };

    bool onGpu = verb == "sample" && rest.Any(argument => argument == "--gpu" || argument.StartsWith("--gpu=", StringComparison.Ordinal));
    if (onGpu)
        Gpu.Check(root);
    feed.Select(feedDirectory, standIns);
    if (onGpu)
        feed.RequireTorch(Gpu.TorchPackage);
    if (project.Length == 0)
        project = feed.Solution;
    // The first time this takes a minute or two, without a word of the compiler's.
    Console.WriteLine($"Building {project} ...");
    return verb switch
    {
        "build" => Shell.Dotnet(root, "build", project, "-c", "Release", "-v", "q"),
        "test" => Tests.Run(root, project, rest),
        "pack" => Packages.Write(root, project),
        _ => RunProject(root, project, rest, onGpu ? ["-p:MambaGpu=true", $"-p:MambaTorchPackage={Gpu.TorchPackage}"] : []),
    };
}

static string FindRoot()
{
    for (string? folder = Directory.GetCurrentDirectory(); folder != null; folder = Path.GetDirectoryName(folder))
    {
        if (File.Exists(Path.Combine(folder, "Microsoft.ML.Mamba.sln")))
            return folder;
    }

    throw new BuildException("Run build.sh or build.cmd of the repository: Microsoft.ML.Mamba.sln was not found here or above.");
}

// samples/genomics holds Genomics.csproj; a benchmark's name is its first argument to the one benchmark project.
static string ProjectOf(string root, string folder, string verb, List<string> rest)
{
    string[] names = verb == "bench"
        ? ["cpu", "loading", "torch"]
        : Directory.GetDirectories(Path.Combine(root, folder)).Where(path => Directory.GetFiles(path, "*.csproj").Length == 1)
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray();
    if (rest.Count == 0 || !names.Contains(rest[0]))
        throw new BuildException($"{verb} needs a name, one of: {string.Join(", ", names)}{(rest.Count > 0 ? $"; got '{rest[0]}'" : "")}.");
    if (verb == "bench")
    {
        bool torch = rest[0] == "torch";
        if (torch)
            rest.RemoveAt(0);
        string benchmarks = torch ? "Microsoft.ML.Mamba.TorchSharp.Benchmarks" : "Microsoft.ML.Mamba.Benchmarks";
        return Path.Combine(folder, benchmarks, benchmarks + ".csproj");
    }

    string project = Directory.GetFiles(Path.Combine(root, folder, rest[0]), "*.csproj")[0];
    rest.RemoveAt(0);
    return Path.GetRelativePath(root, project);
}

static int RunProject(string root, string project, List<string> arguments, string[] properties)
{
    int built = Shell.Dotnet(root, ["build", project, "-c", "Release", "-v", "q", .. properties]);
    if (built != 0)
        return built;
    return Shell.Dotnet(root, ["run", "--no-build", "-c", "Release", "--project", project, .. properties, "--", .. arguments]);
}

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
        IEnumerable<string> projects = File.ReadLines(Path.Combine(root, WholeSolution)).Where(line => line.StartsWith("Project(", StringComparison.Ordinal))
            .Select(line => line.Split('"')[5]).Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) && !path.Contains("TorchSharp", StringComparison.Ordinal));
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

/// <summary>Builds native/cuda with CMake. What follows the verb goes to CMake: <c>native -DCMAKE_CUDA_ARCHITECTURES=90-real</c>.</summary>
static class Native
{
    public static int Build(string root, List<string> rest)
    {
        string[] missing = new[] { "nvcc", "cmake" }.Where(tool => !OnPath(tool)).ToArray();
        if (missing.Length > 0)
            throw new BuildException($"'native' needs {string.Join(" and ", missing)} on the PATH (CUDA toolkit 13, CMake 3.24); nothing was built.");
        string folder = Path.Combine("artifacts", "native");
        int configured = Shell.Run(root, "cmake", ["-S", Path.Combine("native", "cuda"), "-B", folder, "-DCMAKE_BUILD_TYPE=Release", .. rest]);
        return configured != 0 ? configured : Shell.Run(root, "cmake", "--build", folder, "--config", "Release", "--parallel");
    }

    public static bool OnPath(string tool)
    {
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? tool + ".exe" : tool)));
    }
}

/// <summary>What a sample needs on a GPU beyond the ordinary: looked for before gigabytes are fetched.</summary>
static class Gpu
{
    private const string WithoutIt = "Without --gpu the sample runs on the CPU.";

    /// <summary>Torch's libraries for this system; the environment variable MambaTorchPackage takes their place.</summary>
    public static string TorchPackage => Environment.GetEnvironmentVariable("MambaTorchPackage") is { Length: > 0 } asked ? asked
        : OperatingSystem.IsWindows() ? "TorchSharp-cuda-windows"
        : "TorchSharp-cuda-linux";

    public static void Check(string root)
    {
        if (!(OperatingSystem.IsWindows() || OperatingSystem.IsLinux()) || RuntimeInformation.OSArchitecture != Architecture.X64)
            throw new BuildException($"--gpu works on x64 under Linux and Windows. {WithoutIt}");
        string driver = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(driver, out _))
            throw new BuildException($"--gpu needs an NVIDIA GPU, and its driver is not installed: there is no {driver}. {WithoutIt}");
        string library = OperatingSystem.IsWindows() ? Path.Combine("Release", "mamba_cuda.dll") : "libmamba_cuda.so";
        string kernels = Path.Combine("artifacts", "native", library);
        if (!File.Exists(Path.Combine(root, kernels)))
            throw new BuildException($"--gpu needs the CUDA kernels, {kernels}: build them with './build.sh native' (CUDA toolkit 13, CMake 3.24). {WithoutIt}");
    }
}

static class Shell
{
    public static int Run(string root, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = root })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    public static int Dotnet(string root, params string[] arguments) => Run(root, "dotnet", arguments);

    public static string Capture(string root, out int code, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        code = process.ExitCode;
        return output + errors.Result;
    }
}

sealed class BuildException(string message) : Exception(message);

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

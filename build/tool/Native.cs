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

using System.Runtime.InteropServices;

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

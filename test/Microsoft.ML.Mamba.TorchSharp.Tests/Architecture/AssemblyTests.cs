using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.Mamba.Tests.Architecture;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Architecture;

public sealed class AssemblyTests
{
    private static readonly Assembly Engine = typeof(TorchMambaEngine).Assembly;

    [Fact]
    public void TorchEngine_KnowsTheSeamTheKernelsAndTorchSharp()
    {
        string[] allowed = ["Microsoft.ML.Mamba.Core", "Microsoft.ML.Mamba.Cpu", "TorchSharp"];
        IEnumerable<string> foreign = Engine.GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal));
        Assert.All(foreign, name => Assert.Contains(name, allowed));
    }

    [Fact]
    public void NativeCode_IsCalledFromTheNativeFolderOnly()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly;
        MethodInfo[] imported =
        [
            .. Engine.GetTypes().SelectMany(type => type.GetMethods(All))
                .Where(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)),
        ];
        Assert.Contains(imported, method => method.Name.Contains("mamba_scan_forward", StringComparison.Ordinal));
        Assert.All(imported, method => Assert.Contains(".Native", method.DeclaringType!.FullName, StringComparison.Ordinal));
    }

    [Fact]
    public void NativeStructs_HaveTheHeadersSizes()
    {
        // Of the structs of mamba_cuda.h on every 64-bit platform: 8 bytes of header, 4 for 32-bit and 8 for other members.
        Assert.Equal(8 + 2 * 4 + 7 * 8 + 8 + 5 * 16 + 4 * 8, Marshal.SizeOf<Native.ScanProblem>());
        Assert.Equal(8 + 16 + 2 * 8, Marshal.SizeOf<Native.ScanOutputs>());
        Assert.Equal(8 + 2 * 4 + 8 + 16 + 8 + 5 * 16 + 4 * 8, Marshal.SizeOf<Native.ScanGradientPointers>());
        Assert.Equal(8 + 2 * 4 + 4 * 8 + 5 * 16 + 4 * 8 + 16, Marshal.SizeOf<Native.ScanStep>());
        Assert.Equal(8 + 2 * 4 + 4 * 8 + 8 + 16 + 3 * 8, Marshal.SizeOf<Native.ConvProblem>());
        Assert.Equal(8 + 16 + 8, Marshal.SizeOf<Native.ConvOutputs>());
        Assert.Equal(8 + 2 * 16 + 2 * 8, Marshal.SizeOf<Native.ConvGradients>());
        Assert.Equal(8 + 2 * 4 + 3 * 8 + 16 + 3 * 8 + 16, Marshal.SizeOf<Native.ConvStep>());
        Assert.Equal(8 + 2 * 4 + 2 * 8 + 2 * 16 + 8 + 2 * 4, Marshal.SizeOf<Native.NormProblem>());
        Assert.Equal(8 + 2 * 16 + 8, Marshal.SizeOf<Native.NormOutputs>());
        Assert.Equal(8 + 8 + 4 * 16 + 8, Marshal.SizeOf<Native.NormGradients>());
        Assert.Equal(8 + 2 * 4 + 3 * 8 + 8, Marshal.SizeOf<Native.PoolProblem>());
        Assert.Equal(8 + 2 * 8 + 8 * 4 + 5 * 8, Marshal.SizeOf<Native.AdamWStep>());
    }

    [Fact]
    public void AbiVersion_IsTheHeaders()
    {
        string header = File.ReadAllText(Path.Combine(RepositoryRoot, "native", "cuda", "include", "mamba_cuda.h"));
        Assert.Contains($"#define MAMBA_ABI_VERSION {Native.MambaCuda.AbiVersion}u", header, StringComparison.Ordinal);
    }

    [Fact]
    public void PublicApi_IsTheApprovedOne()
    {
        string actual = PublicApiText.Of(Engine);
        string path = Path.Combine(RepositoryRoot, "test", "Microsoft.ML.Mamba.Tests", "PublicApi", "Microsoft.ML.Mamba.TorchSharp.txt");
        if (System.Environment.GetEnvironmentVariable("MAMBA_UPDATE_PUBLIC_API") == "1")
            File.WriteAllText(path, actual);
        Assert.True(
            File.ReadAllText(path).ReplaceLineEndings("\n") == actual,
            $"The public API is not the approved one:\n{actual}\n"
            + $"Where that is meant, run this test with MAMBA_UPDATE_PUBLIC_API=1 and commit {Path.GetFileName(path)}.");
    }

    private static string RepositoryRoot => typeof(AssemblyTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;
}

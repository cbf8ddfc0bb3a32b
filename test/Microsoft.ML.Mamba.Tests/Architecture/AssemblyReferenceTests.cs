using System.Reflection;

namespace Microsoft.ML.Mamba.Tests.Architecture;

/// <summary>Which assembly may know which: the surface knows all, the engine only the seam, the seam nothing.</summary>
public class AssemblyReferenceTests
{
    private static readonly Assembly Core = typeof(MambaConfig).Assembly;
    private static readonly Assembly Cpu = typeof(Cpu.CpuMambaEngine).Assembly;
    private static readonly Assembly Surface = typeof(MambaTransformer).Assembly;

    [Fact]
    public void Core_KnowsNeitherMlNetNorAnEngine() => Assert.Empty(Foreign(Core));

    [Fact]
    public void CpuEngine_KnowsOnlyCore() => Assert.Equal(["Microsoft.ML.Mamba.Core"], Foreign(Cpu));

    [Fact]
    public void Surface_KnowsMlNetCoreAndTheCpuEngine()
    {
        string[] allowed = ["Microsoft.ML.Core", "Microsoft.ML.Data", "Microsoft.ML.DataView", "Microsoft.ML.Mamba.Core",
            "Microsoft.ML.Mamba.Cpu", "Microsoft.ML.Tokenizers", "NAudio.Core"];
        Assert.All(Foreign(Surface), name => Assert.Contains(name, allowed));
    }

    [Fact]
    public void None_KnowsTorch() =>
        Assert.All(new[] { Core, Cpu, Surface }.SelectMany(assembly => assembly.GetReferencedAssemblies()),
            name => Assert.DoesNotContain("torch", name.Name!, StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void CpuKernels_KnowNoLayers()
    {
        IEnumerable<Type> kernels = Cpu.GetTypes().Where(type => type.Namespace?.Contains(".Kernels", StringComparison.Ordinal) == true);
        Assert.NotEmpty(kernels);
        Assert.All(kernels.SelectMany(Mentioned), type => Assert.DoesNotContain(".Layers", type.Namespace ?? "", StringComparison.Ordinal));
    }

    private static IEnumerable<Type> Mentioned(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.GetFields(All).Select(field => field.FieldType)
            .Concat(type.GetMethods(All).SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)))
            .Concat(type.GetConstructors(All).SelectMany(constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType)));
    }

    private static string[] Foreign(Assembly assembly) =>
    [
        .. assembly.GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal)
                && name is not ("netstandard" or "mscorlib" or "Microsoft.Win32.Primitives")).Order(StringComparer.Ordinal),
    ];
}

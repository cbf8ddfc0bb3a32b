using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Microsoft.ML.Mamba.Engines;

/// <summary>
/// Finds the GPU engine by its assembly, so that this one need not know it: a public type with a
/// <c>public static IMambaEngine Create(int deviceId, MambaPrecision precision)</c>, which throws <see cref="NotSupportedException"/> where
/// the device cannot be used.
/// </summary>
internal sealed record GpuEngineSource(string AssemblyName, string TypeName)
{
    public static GpuEngineSource Default { get; } = new("Microsoft.ML.Mamba.TorchSharp", "Microsoft.ML.Mamba.TorchSharp.TorchMambaEngine");

    public bool TryCreate(int device, MambaPrecision precision, [NotNullWhen(true)] out IMambaEngine? engine, [NotNullWhen(false)] out string? reason)
    {
        engine = null;
        Assembly assembly;
        try
        {
            assembly = Assembly.Load(AssemblyName);
        }
        catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            reason = $"the package {AssemblyName} is not part of the application. "
                + "Add it, Microsoft.ML.Mamba.Cuda and one of TorchSharp-cuda-linux and TorchSharp-cuda-windows.";
            return false;
        }

        MethodInfo create = assembly.GetType(TypeName)?.GetMethod("Create", BindingFlags.Public | BindingFlags.Static, [typeof(int), typeof(MambaPrecision)])
            ?? throw new InvalidOperationException(
                $"{assembly.GetName()} has no {TypeName}.Create(int, MambaPrecision): its version does not fit {typeof(GpuEngineSource).Assembly.GetName()}.");
        try
        {
            engine = create.CreateDelegate<Func<int, MambaPrecision, IMambaEngine>>()(device, precision);
            reason = null;
            return true;
        }
        catch (Exception exception) when (exception is NotSupportedException or DllNotFoundException)
        {
            reason = $"{AssemblyName} cannot use it: {exception.Message.TrimEnd('.')}.";
            return false;
        }
    }
}

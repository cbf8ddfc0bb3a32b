namespace System.Runtime.CompilerServices;

// The runtime honours this attribute by name. ML.NET keeps the members that persistence needs internal.
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}

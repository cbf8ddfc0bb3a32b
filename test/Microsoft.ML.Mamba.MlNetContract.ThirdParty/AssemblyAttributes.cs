using System.Runtime.CompilerServices;
using ThirdParty;

[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]
[assembly: LoadableClass(typeof(ITransformer), typeof(NearestMeanTransformer), null, typeof(SignatureLoadModel),
    "Nearest class mean", NearestMeanTransformer.LoaderSignature)]

namespace System.Runtime.CompilerServices
{
    /// <summary>Honoured by the runtime by name; no framework assembly declares it.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}

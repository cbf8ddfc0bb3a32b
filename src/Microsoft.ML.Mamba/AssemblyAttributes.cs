using Microsoft.ML;
using Microsoft.ML.Mamba;

[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Data")]
[assembly: LoadableClass(typeof(ITransformer), typeof(MambaTransformer), null, typeof(SignatureLoadModel), "Mamba classifier", MambaTransformer.LoaderSignature)]

using Microsoft.ML;
using Microsoft.ML.Mamba;
using Microsoft.ML.Mamba.Audio;

[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Data")]
[assembly: LoadableClass(typeof(ITransformer), typeof(MambaTransformer), null, typeof(SignatureLoadModel), "Mamba classifier", MambaTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(ITransformer), typeof(MambaOutputTransformer), null, typeof(SignatureLoadModel),
    "Mamba features or saliency", MambaOutputTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(ITransformer), typeof(WavLoadingTransformer), null, typeof(SignatureLoadModel), "WAV files to waveforms",
    WavLoadingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(ITransformer), typeof(MelSpectrogramTransformer), null, typeof(SignatureLoadModel),
    "Waveforms to mel spectrograms", MelSpectrogramTransformer.LoaderSignature)]

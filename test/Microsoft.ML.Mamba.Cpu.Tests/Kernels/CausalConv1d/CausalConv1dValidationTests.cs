using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

public sealed class CausalConv1dValidationTests
{
    private const int Tokens = 63, Channels = 6, Kernel = 4;

    [Theory]
    [InlineData("Offsets", "Offsets must be [sequences + 1] and start with 0; got none.")]
    [InlineData("Channels", "Channels must be from 1 to 33554431; got 0.")]
    [InlineData("KernelSize", "KernelSize must be from 1 to 64; got 65.")]
    [InlineData("X", "X must be [tokens=63, channels=6] with stride 6 (378 elements); got 377.")]
    [InlineData("Weight", "Weight must be [channels=6, k=4] (24 elements); got 23.")]
    [InlineData("Bias", "Bias must be [channels=6] (6 elements); got 5.")]
    [InlineData("InitialInputs", "InitialInputs must be [sequences=1, k-1=3, channels=6] (18 elements); got 17.")]
    [InlineData("Y", "Y must be [tokens=63, channels=6] with stride 6 (378 elements); got 377.")]
    [InlineData("FinalInputs", "FinalInputs must be [sequences=1, k-1=3, channels=6] (18 elements); got 17.")]
    [InlineData("workspace", "workspace must have at least 320 elements; got 319.")]
    public void Forward_ThrowsForWrongArguments(string wrong, string message)
    {
        int channels = wrong == "Channels" ? 0 : Channels, kernel = wrong == "KernelSize" ? 65 : Kernel;
        int[] offsets = wrong == "Offsets" ? [] : [0, Tokens];
        ArgumentException exception = Assert.ThrowsAny<ArgumentException>(() => CausalConv1d.Forward(
            new CausalConv1dArguments
            {
                Channels = channels,
                KernelSize = kernel,
                Offsets = offsets,
                X = Make("X", wrong, Tokens * Channels),
                Weight = Make("Weight", wrong, Channels * Kernel),
                Bias = Make("Bias", wrong, Channels),
                InitialInputs = Make("InitialInputs", wrong, (Kernel - 1) * Channels),
            },
            new CausalConv1dOutputs { Y = Make("Y", wrong, Tokens * Channels), FinalInputs = Make("FinalInputs", wrong, (Kernel - 1) * Channels) },
            Make("workspace", wrong, CausalConv1d.ForwardWorkspaceSize(Tokens, 1, Channels, Kernel)),
            ScanRun.OneThread));
        Assert.StartsWith(message, exception.Message);
        Assert.Equal(wrong, exception.ParamName);
    }

    [Theory]
    [InlineData("GradY", "GradY must be [tokens=63, channels=6] with stride 6 (378 elements); got 377.")]
    [InlineData("GradX", "GradX must be [tokens=63, channels=6] with stride 6 (378 elements); got 377.")]
    [InlineData("GradWeight", "GradWeight must be [channels=6, k=4] (24 elements); got 23.")]
    [InlineData("GradBias", "GradBias must be [channels=6] (6 elements); got 5.")]
    [InlineData("workspace", "workspace must have at least 896 elements; got 895.")]
    [InlineData("absent", "GradBias must be [0: there is no Bias] (0 elements); got 6.")]
    public void Backward_ThrowsForWrongGradients(string wrong, string message)
    {
        ConvCase conv = ConvCase.Random(52, [Tokens], Channels, Kernel, all: wrong != "absent");
        ArgumentException exception = Assert.Throws<ArgumentException>(() => CausalConv1d.Backward(
            conv.Arguments,
            new CausalConv1dGradients
            {
                GradY = Make("GradY", wrong, Tokens * Channels),
                GradX = Make("GradX", wrong, Tokens * Channels),
                GradWeight = Make("GradWeight", wrong, Channels * Kernel),
                GradBias = Make("GradBias", wrong, Channels),
            },
            Make("workspace", wrong, CausalConv1d.BackwardWorkspaceSize(Tokens, 1, Channels, Kernel)),
            ScanRun.OneThread));
        Assert.StartsWith(message, exception.Message);
    }

    private static float[] Make(string name, string wrong, int size) => new float[name == wrong ? size - 1 : size];
}

using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

public sealed class SelectiveScanValidationTests
{
    private const int Tokens = 63, Channels = 6, State = 16, Groups = 2;

    public static TheoryData<string, string> Inputs => new()
    {
        { "Offsets", "Offsets must be [sequences + 1] and start with 0; got first offset 1." },
        { "Falling", "Offsets must not fall; offset 2 is 62 after 63." },
        { "Channels", "Channels must be from 1 to 8388607; got 0." },
        { "StateSize", "StateSize must be from 1 to 256; got 257." },
        { "Groups", "Groups must divide the 6 channels; got 4." },
        { "X", "X must be [tokens=63, channels=6] with stride 6 (378 elements); got 377." },
        { "XStride", "XStride must be at least the row's width 6; got 5." },
        { "Dt", "Dt must be [tokens=63, channels=6] with stride 6 (378 elements); got 377." },
        { "DtBias", "DtBias must be [channels=6] (6 elements); got 5." },
        { "A", "A must be [channels=6, state=16] (96 elements); got 95." },
        { "B", "B must be [tokens=63, groups=2, state=16] with stride 32 (2016 elements); got 2015." },
        { "C", "C must be [tokens=63, groups=2, state=16] with stride 32 (2016 elements); got 2015." },
        { "D", "D must be [channels=6] (6 elements); got 5." },
        { "Z", "Z must be [tokens=63, channels=6] with stride 6 (378 elements); got 377." },
        { "InitialState", "InitialState must be [sequences=1, channels=6, state=16] (96 elements); got 95." },
    };

    public static TheoryData<string, string> Outputs => new()
    {
        { "Y", "Y must be [tokens=63, channels=6] with stride 6 (378 elements); got 377." },
        { "FinalState", "FinalState must be [sequences=1, channels=6, state=16] (96 elements); got 95." },
        { "BorderStates", "BorderStates must be [borders=1, padded channels=128, padded state=16] (2048 elements); got 2047." },
        { "workspace", "workspace must have at least 4096 elements; got 4095." },
    };

    public static TheoryData<string, string> Gradients => new()
    {
        { "BorderStates", "BorderStates must be [borders=1, padded channels=128, padded state=16] (2048 elements); got 2047." },
        { "GradY", "GradY must be [tokens=63, channels=6] with stride 6 (378 elements); got 377." },
        { "GradFinalState", "GradFinalState must be [sequences=1, channels=6, state=16] (96 elements); got 95." },
        { "GradX", "GradX must be [tokens=63, channels=6] with stride 6 (378 elements); got 377." },
        { "GradDt", "GradDt must be [tokens=63, channels=6] with stride 6 (378 elements); got 377." },
        { "GradB", "GradB must be [tokens=63, groups=2, state=16] with stride 32 (2016 elements); got 2015." },
        { "GradC", "GradC must be [tokens=63, groups=2, state=16] with stride 32 (2016 elements); got 2015." },
        { "GradZ", "GradZ must be [tokens=63, channels=6] with stride 6 (378 elements); got 377." },
        { "GradA", "GradA must be [channels=6, state=16] (96 elements); got 95." },
        { "GradD", "GradD must be [channels=6] (6 elements); got 5." },
        { "GradDtBias", "GradDtBias must be [channels=6] (6 elements); got 5." },
        { "GradInitialState", "GradInitialState must be [sequences=1, channels=6, state=16] (96 elements); got 95." },
        { "workspace", "workspace must have at least " },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Forward_ThrowsForWrongInputs(string wrong, string message)
    {
        int channels = wrong == "Channels" ? 0 : Channels, state = wrong == "StateSize" ? 257 : State, groups = wrong == "Groups" ? 4 : Groups;
        int[] offsets = wrong switch { "Offsets" => [1, Tokens], "Falling" => [0, Tokens, Tokens - 1], _ => [0, Tokens] };
        ArgumentException exception = Assert.ThrowsAny<ArgumentException>(() => SelectiveScan.Forward(
            new SelectiveScanArguments
            {
                Channels = channels,
                StateSize = state,
                Groups = groups,
                Offsets = offsets,
                X = Make("X", wrong, Tokens * Channels),
                XStride = wrong == "XStride" ? 5 : 0,
                Dt = Make("Dt", wrong, Tokens * Channels),
                DtBias = Make("DtBias", wrong, Channels),
                A = Make("A", wrong, Channels * State),
                B = Make("B", wrong, Tokens * Groups * State),
                C = Make("C", wrong, Tokens * Groups * State),
                D = Make("D", wrong, Channels),
                Z = Make("Z", wrong, Tokens * Channels),
                InitialState = Make("InitialState", wrong, Channels * State),
            },
            new SelectiveScanOutputs { Y = new float[Tokens * Channels] },
            new float[10_000],
            ScanRun.OneThread));
        Assert.StartsWith(message, exception.Message);
        Assert.Equal(wrong == "Falling" ? "Offsets" : wrong, exception.ParamName);
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public void Forward_ThrowsForShortDestination(string wrong, string message)
    {
        ScanCase scan = Case();
        ArgumentException exception = Assert.Throws<ArgumentException>(() => SelectiveScan.Forward(
            scan.Arguments,
            new SelectiveScanOutputs
            {
                Y = Make("Y", wrong, Tokens * Channels),
                FinalState = Make("FinalState", wrong, Channels * State),
                BorderStates = Make("BorderStates", wrong, SelectiveScan.BorderStateSize(Tokens, Channels, State, Groups)),
            },
            Make("workspace", wrong, SelectiveScan.ForwardWorkspaceSize(Tokens, 1, Channels, State, Groups)),
            ScanRun.OneThread));
        Assert.StartsWith(message, exception.Message);
        Assert.Equal(wrong, exception.ParamName);
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void Backward_ThrowsForWrongGradients(string wrong, string message)
    {
        Assert.StartsWith(message, Failure(Case(), wrong).Message);
        Assert.Equal(wrong, Failure(Case(), wrong).ParamName);
    }

    [Theory]
    [InlineData("GradD", "GradD must be [0: there is no D] (0 elements); got 6.")]
    [InlineData("GradDtBias", "GradDtBias must be [0: there is no DtBias] (0 elements); got 6.")]
    [InlineData("GradZ", "GradZ must be [0: there is no Z] (0 elements); got 378.")]
    public void Backward_ThrowsForGradientsOfAbsentInputs(string wrong, string message)
    {
        ScanCase scan = Case();
        switch (wrong)
        {
            case "GradD":
                scan.D = [];
                break;
            case "GradDtBias":
                scan.DtBias = [];
                break;
            default:
                scan.Z = [];
                break;
        }

        Assert.StartsWith(message, Failure(scan, "nothing").Message);
    }

    private static ArgumentException Failure(ScanCase scan, string wrong)
    {
        return Assert.Throws<ArgumentException>(() => SelectiveScan.Backward(
            scan.Arguments,
            Make("BorderStates", wrong, SelectiveScan.BorderStateSize(Tokens, Channels, State, Groups)),
            new SelectiveScanGradients
            {
                GradY = Make("GradY", wrong, Tokens * Channels),
                GradFinalState = Make("GradFinalState", wrong, Channels * State),
                GradX = Make("GradX", wrong, Tokens * Channels),
                GradDt = Make("GradDt", wrong, Tokens * Channels),
                GradB = Make("GradB", wrong, Tokens * Groups * State),
                GradC = Make("GradC", wrong, Tokens * Groups * State),
                GradZ = Make("GradZ", wrong, Tokens * Channels),
                GradA = Make("GradA", wrong, Channels * State),
                GradD = Make("GradD", wrong, Channels),
                GradDtBias = Make("GradDtBias", wrong, Channels),
                GradInitialState = Make("GradInitialState", wrong, Channels * State),
            },
            Make("workspace", wrong, SelectiveScan.BackwardWorkspaceSize(Tokens, 1, Channels, State, Groups)),
            ScanRun.OneThread));
    }

    private static ScanCase Case() => ScanCase.Random(51, [Tokens], Channels, State, Groups);

    private static float[] Make(string name, string wrong, int size) => new float[name == wrong ? size - 1 : size];
}

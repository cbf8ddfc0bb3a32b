using Microsoft.ML.Mamba.EngineConformance.Support;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

public sealed class SelectiveScanGoldenTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("all")]
    [InlineData("groups")]
    [InlineData("initial_state")]
    [InlineData("long")]
    [InlineData("state1")]
    public void ForwardAndBackward_MatchUpstreamGolden(string name)
    {
        using var golden = new GoldenFile("selective_scan." + name);
        int batch = golden.Int("b"), length = golden.Int("l");
        float[] Rows(string tensor) => golden.ByToken(golden.Input(tensor), batch, length);
        double[] Expected(string tensor) => golden.ByToken(golden.Output(tensor), batch, length);
        var scan = new ScanCase
        {
            Channels = golden.Int("d"),
            State = golden.Int("n"),
            Groups = golden.Int("groups"),
            Offsets = [.. Enumerable.Range(0, batch + 1).Select(i => i * length)],
            Softplus = golden.Flag("softplus"),
            X = Rows("u"),
            Dt = Rows("delta"),
            DtBias = golden.Input("delta_bias"),
            A = golden.Input("A"),
            B = Rows("B"),
            C = Rows("C"),
            D = golden.Input("D"),
            Z = Rows("z"),
            InitialState = golden.Input("h0"),
        };

        ScanRun.Outputs outputs = ScanRun.Forward(scan);
        Close.Tensor(Expected("out"), outputs.Y, Tolerances.ScanForward, "out");
        Close.Tensor(golden.Output("last_state"), outputs.FinalState, Tolerances.ScanForward, "last_state");

        ScanRun.Gradients gradients = ScanRun.Backward(scan, Rows("dout"), null);
        Close.Tensor(Expected("du"), gradients.X, Tolerances.ScanBackward, "du");
        Close.Tensor(Expected("ddelta"), gradients.Dt, Tolerances.ScanBackward, "ddelta");
        Close.Tensor(Expected("dB"), gradients.B, Tolerances.ScanBackward, "dB");
        Close.Tensor(Expected("dC"), gradients.C, Tolerances.ScanBackward, "dC");
        Close.Tensor(Expected("dz"), gradients.Z, Tolerances.ScanBackward, "dz");
        Close.Tensor(golden.Output("dA"), gradients.A, Tolerances.ScanBackward, "dA");
        Close.Tensor(golden.Output("dD"), gradients.D, Tolerances.ScanBackward, "dD");
        Close.Tensor(golden.Output("ddelta_bias"), gradients.DtBias, Tolerances.ScanBackward, "ddelta_bias");
        if (golden.Flag("h0"))
            Close.Tensor(golden.Output("dh0"), gradients.InitialState, Tolerances.ScanBackward, "dh0");
    }
}

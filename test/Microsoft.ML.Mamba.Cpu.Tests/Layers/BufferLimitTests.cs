using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.Cpu.Tests.Layers;

public sealed class BufferLimitTests
{
    private static readonly MambaConfig Huge = new() { DModel = 1024, Expand = 64, VocabSize = 4, NumClasses = 2 };

    [Fact]
    public void TrainingBatch_ThatIsTooLargeIsNamed()
    {
        BufferLimit.CheckTraining(Huge, SequenceBatch.FromTokens(new int[16_383]));
        string message = Assert.Throws<ArgumentException>(() => BufferLimit.CheckTraining(Huge, SequenceBatch.FromTokens(new int[16_384]))).Message;
        Assert.Contains("16384", message, StringComparison.Ordinal);
        Assert.Contains("16383", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sequence_ThatIsTooLongForSaliencyIsNamed()
    {
        BufferLimit.CheckSaliency(Huge, SequenceBatch.FromTokens(new int[20_000], new[] { 0, 10_000, 20_000 }));
        SequenceBatch batch = SequenceBatch.FromTokens(new int[16_386], new[] { 0, 2, 16_386 });
        string message = Assert.Throws<ArgumentException>(() => BufferLimit.CheckSaliency(Huge, batch)).Message;
        Assert.Contains("Sequence 1", message, StringComparison.Ordinal);
        Assert.Contains("16384", message, StringComparison.Ordinal);
        Assert.Contains("16383", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sequence_ThatIsTooLongForTwoDirectionsIsNamed()
    {
        SequenceBatch batch = SequenceBatch.FromTokens(new int[32_770], new[] { 0, 2, 32_770 });
        BufferLimit.CheckInference(Huge, batch);
        MambaConfig both = Huge with { Direction = MambaDirection.BidirectionalTied };
        BufferLimit.CheckInference(both, SequenceBatch.FromTokens(new int[32_767]));
        string message = Assert.Throws<ArgumentException>(() => BufferLimit.CheckInference(both, batch)).Message;
        Assert.Contains("Sequence 1", message, StringComparison.Ordinal);
        Assert.Contains("32768", message, StringComparison.Ordinal);
        Assert.Contains("32767", message, StringComparison.Ordinal);
    }
}

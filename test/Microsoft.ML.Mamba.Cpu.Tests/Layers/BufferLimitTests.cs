using Microsoft.ML.Mamba.Cpu.Layers;

namespace Microsoft.ML.Mamba.Cpu.Tests.Layers;

public sealed class BufferLimitTests
{
    private static readonly MambaConfig Huge = new() { DModel = 1024, Expand = 64, VocabSize = 4, NumClasses = 2 };

    private static string Refused(Action check) => Assert.Throws<ArgumentException>("batch", check).Message;

    [Fact]
    public void TrainingBatch_ThatIsTooLargeIsNamed()
    {
        BufferLimit.CheckTraining(Huge, [0, 16_383], chunkTokens: 0);
        BufferLimit.CheckTraining(Huge, [0, 16_383], chunkTokens: 20_000);
        string message = Refused(() => BufferLimit.CheckTraining(Huge, [0, 9, 16_384], chunkTokens: 0));
        Assert.Contains("batch of 16384 tokens", message, StringComparison.Ordinal);
        Assert.Contains("at most 16383", message, StringComparison.Ordinal);
        // Chunks longer than every sequence cut nothing.
        Assert.Equal(message, Refused(() => BufferLimit.CheckTraining(Huge, [0, 9, 16_384], chunkTokens: 16_375)));
    }

    [Fact]
    public void Chunks_ThatAreTooLongOrTooManyAreNamed()
    {
        BufferLimit.CheckTraining(Huge, [0, 2_097_151], chunkTokens: 16_383);
        string tooLong = Refused(() => BufferLimit.CheckTraining(Huge, [0, 2_097_151], chunkTokens: 16_384));
        Assert.Contains("BackpropagationLength = 16384", tooLong, StringComparison.Ordinal);
        Assert.Contains("at most 16383", tooLong, StringComparison.Ordinal);
        string kept = Refused(() => BufferLimit.CheckTraining(Huge, [0, 2_097_152], chunkTokens: 16_383));
        Assert.Contains("2097152 tokens is too large for this model, even in chunks: at most 2097151", kept, StringComparison.Ordinal);

        BufferLimit.CheckTraining(Huge, [0, 1_724_000], chunkTokens: 1_000);
        string tooMany = Refused(() => BufferLimit.CheckTraining(Huge, [0, 1_724_001], chunkTokens: 1_000));
        Assert.Contains("BackpropagationLength = 1000 cuts the batch's sequences into 1725 chunks", tooMany, StringComparison.Ordinal);
        Assert.Contains("the states of 1724", tooMany, StringComparison.Ordinal);
        // Two directions keep two states each.
        MambaConfig both = Huge with { Direction = MambaDirection.BidirectionalSeparate };
        Assert.Contains("the states of 862", Refused(() => BufferLimit.CheckTraining(both, [0, 1_724_000], chunkTokens: 1_000)), StringComparison.Ordinal);
    }

    [Fact]
    public void Sequence_ThatIsTooLongForSaliencyIsNamed()
    {
        BufferLimit.CheckSaliency(Huge, SequenceBatch.FromTokens(new int[20_000], new[] { 0, 10_000, 20_000 }));
        SequenceBatch batch = SequenceBatch.FromTokens(new int[16_386], new[] { 0, 2, 16_386 });
        string message = Refused(() => BufferLimit.CheckSaliency(Huge, batch));
        Assert.Contains("Sequence 1 of 16384 tokens", message, StringComparison.Ordinal);
        Assert.Contains("at most 16383", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sequence_ThatIsTooLongForTwoDirectionsIsNamed()
    {
        SequenceBatch batch = SequenceBatch.FromTokens(new int[32_770], new[] { 0, 2, 32_770 });
        BufferLimit.CheckInference(Huge, batch);
        MambaConfig both = Huge with { Direction = MambaDirection.BidirectionalTied };
        BufferLimit.CheckInference(both, SequenceBatch.FromTokens(new int[32_767]));
        string message = Refused(() => BufferLimit.CheckInference(both, batch));
        Assert.Contains("Sequence 1 of 32768 tokens", message, StringComparison.Ordinal);
        Assert.Contains("at most 32767", message, StringComparison.Ordinal);
    }
}

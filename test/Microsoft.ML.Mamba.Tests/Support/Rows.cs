namespace Microsoft.ML.Mamba.Tests.Support;

internal sealed class TextRow
{
    public string Label { get; set; } = "";

    public string Sequence { get; set; } = "";

    public int Id { get; set; }

    public float Number { get; set; }

    public float[] Extra { get; set; } = [];
}

internal sealed class FrameRow
{
    public string Label { get; set; } = "";

    public float[] Sequence { get; set; } = [];
}

internal sealed class Prediction
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}

/// <summary>Small data sets that are easy to learn, the same for the same seed.</summary>
internal static class Rows
{
    public static TextRow[] Dna(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new TextRow
        {
            Label = i % 2 == 0 ? "gc" : "at",
            Sequence = new string(
                [.. Enumerable.Range(0, random.Next(20, 60))
                    .Select(_ => random.NextDouble() < 0.8 ? (i % 2 == 0 ? "GC" : "AT")[random.Next(2)] : "ACGT"[random.Next(4)])]),
            Id = i,
            Number = i,
            Extra = [i, i + 0.5f],
        })];
    }

    public static TextRow[] Reviews(int count, int seed = 1)
    {
        string[][] words = [["good", "great", "lovely", "fine"], ["bad", "awful", "poor", "dull"]];
        string[] filler = ["the", "film", "was", "a", "story"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new TextRow
        {
            Label = i % 2 == 0 ? "positive" : "negative",
            Sequence = string.Join(' ', Enumerable.Range(0, random.Next(4, 12))
                .Select(_ => random.NextDouble() < 0.5 ? words[i % 2][random.Next(4)] : filler[random.Next(5)])),
            Id = i,
            Number = i,
            Extra = [i],
        })];
    }

    public static FrameRow[] Series(int count, int channels = 1, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new FrameRow
        {
            Label = i % 2 == 0 ? "up" : "down",
            Sequence = [.. Enumerable.Range(0, channels * random.Next(3, 9)).Select(_ => (i % 2 == 0 ? 1f : -1f) + random.NextSingle() - 0.5f)],
        })];
    }
}

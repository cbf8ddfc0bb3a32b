using System.Globalization;

namespace Microsoft.ML.Mamba.Samples.Tests;

/// <summary>Small data of two classes in the form that a sample takes, short enough to be learned in seconds.</summary>
internal sealed class SampleData : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mamba-samples-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Writes training and test rows of a sample.</summary>
    /// <returns>The values of <c>--data</c> and <c>--test</c>.</returns>
    public (string Data, string Test) Write(string sample) => (Write(sample, "train", 60, seed: 1), Write(sample, "test", 20, seed: 2));

    /// <summary>Inputs that <c>predict</c> takes of a sample, the first of class one, the second of class two.</summary>
    public string[] Inputs(string sample) => sample switch
    {
        "genomics" => ["AAAACAAA", "TTTTGTTT"],
        "text" => ["good good tea", "bad bad tea"],
        "audio" => [PathOf("test/one/0.wav"), PathOf("test/two/1.wav")],
        _ => [PathOf("test.tsv")],
    };

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string sample, string name, int rows, int seed)
    {
        var random = new Random(seed);
        string path = PathOf(sample == "audio" ? name : name + ".tsv");
        switch (sample)
        {
            case "genomics":
                Table("Label\tSequence", second => string.Concat(Enumerable.Range(0, 8).Select(
                    _ => random.Next(4) == 0 ? "ACGT"[random.Next(4)] : second ? 'T' : 'A')));
                break;
            case "text":
                Table("Label\tText", second => string.Join(' ', Enumerable.Range(0, 4).Select(
                    i => i % 2 == 0 ? (second ? "bad" : "good") : random.Next(2) == 0 ? "tea" : "cake")));
                break;
            case "timeseries":
                Table("Label\tt0\tt1\tt2\tt3\tt4\tt5", second => string.Join('\t', Enumerable.Range(0, 6).Select(
                    i => ((second ? -1 : 1) * i + random.NextSingle()).ToString(CultureInfo.InvariantCulture))));
                break;
            default:
                for (int i = 0; i < rows; i++)
                    Wav(Path.Combine(path, i % 2 == 0 ? "one" : "two", $"{i}.wav"), i % 2 == 0 ? 400 : 1_500, random);
                break;
        }

        return path;

        void Table(string header, Func<bool, string> make) =>
            File.WriteAllLines(path, [header, .. Enumerable.Range(0, rows).Select(i => $"{(i % 2 == 0 ? "one" : "two")}\t{make(i % 2 == 1)}")]);
    }

    // 40 ms of a tone at 8 kHz, mono, 16 bits.
    private static void Wav(string path, double frequency, Random random)
    {
        const int Rate = 8_000, Samples = 320;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("RIFF"u8);
        writer.Write(36 + 2 * Samples);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(Rate);
        writer.Write(2 * Rate);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(2 * Samples);
        for (int i = 0; i < Samples; i++)
            writer.Write((short)(8_000 * Math.Sin(2 * Math.PI * frequency * i / Rate) + random.Next(-500, 500)));
    }
}

using System.Text;
using Microsoft.ML.Mamba.Tests.Audio;
using Microsoft.ML.Mamba.Tests.Loading;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Hostile;

/// <summary>
/// Thousands of damaged files: each is read or refused with an <see cref="InvalidDataException"/> that names the file, and takes no more
/// memory than it is worth.
/// </summary>
public sealed class DamagedDataTests : IDisposable
{
    private const string Fasta = ">a one class=x\nACGTACGTNN-\nacgt\n; remark\n>b two class=y\r\nGGGTTT*\r\n\n>c class=x\nMKV LLA\n";
    private const string Fastq = "@a one\nACGT\n+\n!I~5\n@b\nAC\nGT\n+b\nII\n+@\n\n@c x\nA\n+\n5\n";
    private const string Series = "Id\tTime\tx\ty\tLabel\na\t0\t1.5\t-2\tk\na\t1\t\t3e2\tk\n\"b \"\"c\"\t2020-01-01\tNaN\t4\t\nc\t5\t?\tNA\tm\n";
    private const string Index = "Label\tFile\tSplit\tSpeaker\none\ta.wav\ttrain\tann\ntwo\ta.wav\ttest\tben\n";

    private readonly SequenceFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Fasta_IsReadOrRefused(bool gzip, bool labels)
    {
        var options = new FastaOptions { Label = labels ? SequenceLabel.FromHeader("class=(?<label>\\w+)") : null };
        CheckRecords(gzip, Fasta, path => _files.Ml.Data.LoadFromFasta(path, options));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fastq_IsReadOrRefused(bool gzip) => CheckRecords(gzip, Fastq, path => _files.Ml.Data.LoadFromFastq(path));

    [Fact]
    public void SeriesTable_IsReadOrRefused() => CheckText(Series, path => Values(_files.Ml.Data.LoadFromSeriesTable(path)));

    [Fact]
    public void LabelTable_IsReadOrRefused()
    {
        string fasta = _files.Write("whole.fa", Fasta);
        CheckText("a\tx\nb\ty\nc\tz\n", path => SequenceFiles.Records(_files.Ml.Data.LoadFromFasta(fasta, new FastaOptions
        {
            Label = SequenceLabel.FromTable(path, missing: MissingLabels.Missing),
        })));
    }

    [Fact]
    public void WavTable_IsReadOrRefused()
    {
        _files.Write("a.wav", WavBytes.OfShorts(1, 2, 3).ToArray());
        string path = _files.PathOf("index.tsv");
        // A damaged name names no file, or another folder.
        Check(300, Encoding.UTF8.GetBytes(Index), path, () => Values(_files.Ml.Data.LoadFromWavTable(path)), error => error is InvalidDataException or IOException);
    }

    public static TheoryData<string> WavKinds => [.. s_wavs.Keys];

    private static readonly Dictionary<string, WavBytes> s_wavs = new()
    {
        ["pcm 16"] = WavBytes.OfShorts([.. Enumerable.Range(0, 200).Select(i => (short)(i * 100))]),
        ["pcm 8, chunks"] = new() { Bits = 8, Samples = new byte[101], Before = WavBytes.Chunk("LIST", new byte[7]), After = WavBytes.Chunk("id3 ", new byte[12]) },
        ["extensible 24, stereo"] = new()
        {
            Tag = 0xFFFE, Channels = 2, Bits = 24, Samples = new byte[300],
            FormatExtension = [22, 0, 24, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71],
        },
        ["float"] = WavBytes.OfFloats([.. Enumerable.Range(0, 100).Select(i => i / 100f)]),
        ["RF64"] = new()
        {
            Riff = "RF64", RiffSize = uint.MaxValue, DataSize = uint.MaxValue, Samples = new byte[200],
            Before = WavBytes.Chunk("ds64", [.. BitConverter.GetBytes(300L), .. BitConverter.GetBytes(200L), .. BitConverter.GetBytes(100L), 0, 0, 0, 0]),
        },
        ["of a pipe"] = new() { RiffSize = uint.MaxValue, DataSize = uint.MaxValue, Samples = new byte[200] },
    };

    [Theory]
    [MemberData(nameof(WavKinds))]
    public void Wav_IsReadOrRefused(string kind)
    {
        string path = _files.PathOf("test.wav");
        // Conversion between rates as far apart as is allowed makes 128 samples of one, and a filter of some megabytes.
        int refused = Check(300, s_wavs[kind].ToArray(), path, () =>
        {
            IDataView data = _files.Ml.Data.LoadFromWav(path, sampleRate: 8000, resample: true);
            Values(data);
            Assert.All(Read.Vectors(data, "Waveform"), waveform => Assert.InRange(waveform.Length, 0, 128 * new FileInfo(path).Length));
        });
        Assert.InRange(refused, 60, 280);
    }

    private void CheckRecords(bool gzip, string content, Func<string, IDataView> load)
    {
        string path = _files.PathOf("test.txt");
        int refused = Check(500, gzip ? SequenceFiles.Gzip(content) : Encoding.UTF8.GetBytes(content), path, () =>
        {
            Exception? onlyIds = Record.Exception(() => Read.Text(load(path), "Id"));
            Exception? all = Record.Exception(() => Values(load(path)));
            // Columns that are not read hide nothing, except labels.
            Assert.True(onlyIds?.Message == all?.Message || (onlyIds is null && load(path).Schema.GetColumnOrNull("Label") is not null), $"{onlyIds}\n{all}");
            if (all is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(all);
        });
        Assert.InRange(refused, 60, 495);
    }

    private void CheckText(string content, Action<string> read)
    {
        string path = _files.PathOf("test.txt");
        Assert.InRange(Check(500, Encoding.UTF8.GetBytes(content), path, () => read(path)), 60, 495);
    }

    private static int Check(int cases, byte[] whole, string path, Action read, Func<Exception, bool>? isDocumented = null)
    {
        File.WriteAllBytes(path, whole);
        read();
        return new Damage(seed: 5).Check(
            cases, whole, head: 60, maxBytes: 48 << 20,
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                read();
            },
            isDocumented ?? (error => error is InvalidDataException && error.Message.Contains(Path.GetFileName(path), StringComparison.Ordinal)));
    }

    // Reads every value of every column.
    private static void Values(IDataView view)
    {
        foreach (DataViewSchema.Column column in view.Schema)
        {
            switch (column.Type)
            {
                case TextDataViewType:
                    Read.Text(view, column.Name);
                    break;
                case VectorDataViewType:
                    Read.Vectors(view, column.Name);
                    break;
                default:
                    Read.Column<int>(view, column.Name);
                    break;
            }
        }
    }
}

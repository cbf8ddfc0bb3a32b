using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Mamba.Benchmarks.Loading;

/// <summary>Writes sequence files of about a size.</summary>
internal static class SequenceFileWriter
{
    private static readonly byte[] Letters = MakeLetters(1 << 20, "ACGT"u8.ToArray());
    private static readonly byte[] Qualities = MakeLetters(1 << 20, "#,:FFFFF"u8.ToArray());

    public static void Fasta(string path, long size, int recordLength, int lineLength, bool compress)
    {
        using Stream file = Create(path, compress);
        long written = 0;
        for (int record = 0; written < size; record++)
        {
            written += Write(file, Encoding.ASCII.GetBytes($">record{record} length={recordLength}\n"));
            for (int start = 0; start < recordLength; start += lineLength)
                written += WriteLine(file, Letters, record + start, Math.Min(lineLength, recordLength - start));
        }
    }

    public static void Fastq(string path, long size, int recordLength)
    {
        using Stream file = Create(path, compress: false);
        long written = 0;
        for (int record = 0; written < size; record++)
        {
            written += Write(file, Encoding.ASCII.GetBytes($"@read{record} 1:N:0\n"));
            written += WriteLine(file, Letters, record, recordLength);
            written += Write(file, "+\n"u8);
            written += WriteLine(file, Qualities, record, recordLength);
        }
    }

    private static Stream Create(string path, bool compress)
    {
        Stream file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        return compress ? new BufferedStream(new GZipStream(file, CompressionLevel.Fastest), 1 << 20) : file;
    }

    private static long WriteLine(Stream file, byte[] source, int start, int length)
    {
        int done = 0;
        while (done < length)
        {
            int from = (int)((start * 7L + done) % source.Length), count = Math.Min(length - done, source.Length - from);
            done += (int)Write(file, source.AsSpan(from, count));
        }

        return done + Write(file, "\n"u8);
    }

    private static long Write(Stream file, ReadOnlySpan<byte> bytes)
    {
        file.Write(bytes);
        return bytes.Length;
    }

    private static byte[] MakeLetters(int count, byte[] choices) => new Random(1).GetItems(choices, count);
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Benchmarks.Loading;

namespace Microsoft.ML.Mamba.Benchmarks;

/// <summary>
/// Reads generated sequence files through their views: speed by content (uncompressed bytes), and the most memory that the process has held
/// so far.
/// </summary>
internal static class LoadingBenchmark
{
    private const long Small = 30_000_000;
    private const long Large = 300_000_000;

    public static void Run()
    {
        string machine = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}";
        Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {machine}, {Environment.ProcessorCount} processors");
        Console.WriteLine();
        Console.WriteLine("| file | content, MB | columns | rows | MB/s | peak of the process, MB |");
        Console.WriteLine("|---|---|---|---|---|---|");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mamba-bench-");
        try
        {
            var ml = new MLContext(1);
            string file = Path.Combine(folder.FullName, "file");
            foreach (long size in new[] { Small, Large })
            {
                SequenceFileWriter.Fasta(file, size, recordLength: 600, lineLength: 60, compress: false);
                Measure("FASTA, 600 letters, lines of 60", ml.Data.LoadFromFasta(file), size);
                Measure("the same", ml.Data.LoadFromFasta(file), size, "Id");
                Measure("the same", ml.Data.LoadFromFasta(file), size, []);
            }

            SequenceFileWriter.Fastq(file, Large, recordLength: 150);
            Measure("FASTQ, 150 letters", ml.Data.LoadFromFastq(file), Large);
            SequenceFileWriter.Fasta(file, Large, recordLength: 600, lineLength: 60, compress: true);
            Measure("FASTA, gzip", ml.Data.LoadFromFasta(file), Large);
            SequenceFileWriter.Fasta(file, Large, recordLength: 100_000_000, lineLength: 100_000_000, compress: false);
            Measure("FASTA, 3 records of one line", ml.Data.LoadFromFasta(file), Large);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Measure(string name, IDataView view, long size) =>
        Measure(name, view, size, [.. view.Schema.Select(column => column.Name)]);

    private static void Measure(string name, IDataView view, long size, params string[] columns)
    {
        long rows = 0, letters = 0;
        var clock = Stopwatch.StartNew();
        using (DataViewRowCursor cursor = view.GetRowCursor(columns.Select(column => view.Schema[column])))
        {
            List<Action> reads = [.. columns.Select(column => Reader(cursor, view.Schema[column]))];
            for (; cursor.MoveNext(); rows++)
            {
                foreach (Action read in reads)
                    read();
            }
        }

        double speed = size / 1e6 / clock.Elapsed.TotalSeconds;
        using Process process = Process.GetCurrentProcess();
        string names = columns.Length == 0 ? "none" : string.Join(", ", columns);
        Console.WriteLine($"| {name} | {size / 1e6:F0} | {names} | {rows:N0} | {speed:F0} | {process.PeakWorkingSet64 / 1e6:F0} |");

        Action Reader(DataViewRowCursor cursor, DataViewSchema.Column column) =>
            column.Type is VectorDataViewType ? Vector(cursor, column) : Text(cursor, column);

        Action Text(DataViewRowCursor cursor, DataViewSchema.Column column)
        {
            ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
            return () =>
            {
                ReadOnlyMemory<char> text = default;
                getter(ref text);
                letters += text.Length;
            };
        }

        static Action Vector(DataViewRowCursor cursor, DataViewSchema.Column column)
        {
            ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
            VBuffer<float> vector = default;
            return () => getter(ref vector);
        }
    }
}

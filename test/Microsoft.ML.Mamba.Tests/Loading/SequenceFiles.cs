using System.IO.Compression;
using System.Text;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Loading;

/// <summary>Writes files of one test and reads them.</summary>
internal sealed class SequenceFiles : IDisposable
{
    private readonly TempFolder _folder = new();

    public MLContext Ml { get; } = new(1);

    public string Folder => _folder.Path;

    public string PathOf(string name) => _folder.PathOf(name);

    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    public string Write(string name, byte[] content)
    {
        string path = _folder.PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public IDataView Fasta(string content, FastaOptions? options = null) => Ml.Data.LoadFromFasta(Write("test.fa", content), options);

    public IDataView Fastq(string content, FastqOptions? options = null) => Ml.Data.LoadFromFastq(Write("test.fq", content), options);

    public string FastaProblem(string content, FastaOptions? options = null) => Problem(Fasta(content, options));

    public string FastqProblem(string content, FastqOptions? options = null) => Problem(Fastq(content, options));

    /// <summary>The message of reading a view, with the test's folder taken away.</summary>
    public string Problem(IDataView view) =>
        Assert.Throws<InvalidDataException>(() => Records(view)).Message.Replace(Folder + Path.DirectorySeparatorChar, "");

    /// <summary>All text columns of all rows, with bars between them.</summary>
    public static string[] Records(IDataView view)
    {
        IEnumerable<string> names = view.Schema.Where(column => column.Type is TextDataViewType).Select(column => column.Name);
        string[][] columns = [.. names.Select(name => Read.Text(view, name))];
        return [.. Enumerable.Range(0, columns[0].Length).Select(row => string.Join('|', columns.Select(column => column[row])))];
    }

    public static byte[] Gzip(string content) => Gzip(Encoding.UTF8.GetBytes(content));

    public static byte[] Gzip(byte[] content)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(content);
        return result.ToArray();
    }

    public void Dispose() => _folder.Dispose();
}

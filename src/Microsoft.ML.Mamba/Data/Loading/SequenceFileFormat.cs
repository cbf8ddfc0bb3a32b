namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>What tells the formats of sequence files apart.</summary>
internal static class SequenceFileFormat
{
    private static readonly string[] Fasta = [".fa", ".fasta", ".fas", ".fna", ".ffn", ".faa", ".frn", ".mfa"];
    private static readonly string[] Fastq = [".fq", ".fastq"];

    public static string[] Extensions(SequenceFileOptions options) => options is FastqOptions ? Fastq : Fasta;

    public static RecordParser Open(string file, SequenceFileOptions options, bool keepSequence, bool keepQuality) => options switch
    {
        FastqOptions fastq => new FastqParser(new LineReader(file), keepSequence, keepQuality, fastq.QualityOffset),
        FastaOptions fasta => new FastaParser(new LineReader(file), keepSequence, fasta.KeepStop),
        _ => throw new ArgumentException($"{options.GetType()} are not the options of a known format.", nameof(options)),
    };
}

using Microsoft.ML.Data;
using Microsoft.ML.Mamba;
using Microsoft.ML.Mamba.Data.Loading;

namespace Microsoft.ML;

public static partial class MambaDataCatalog
{
    /// <summary>
    /// Reads a file of FASTA, the files that a wildcard matches, or those in a folder: a row a record, with the text columns <c>Id</c>,
    /// <c>Description</c> and <c>Sequence</c>.
    /// </summary>
    /// <remarks>
    /// A file may be plain or compressed with gzip, also in several members as by bgzip, whatever its name. The view reads the files while
    /// its rows are read, one record in memory at a time, and anew for each cursor. Its number of rows is not known beforehand and it
    /// cannot be shuffled; <c>mlContext.Data.Cache</c> or <c>ShuffleRows</c> help there, and <c>MambaClassify</c> shuffles by itself.
    /// Sequences consist of letters, <c>-</c>, <c>.</c>, <c>*</c>, <c>~</c> and <c>?</c>; blanks, blank lines and lines that start with
    /// <c>;</c> are passed over. A file that is something else throws <see cref="InvalidDataException"/> with the file and the line while
    /// it is read.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="path">
    /// A file; a path with <c>*</c> and <c>?</c> in it, in names of folders, too; or a folder, whose files with the usual extensions are
    /// read, also in folders below it. Several files are read in ordinal order of their paths. They are looked for when this is called.
    /// </param>
    /// <param name="options">Columns, labels and details. Default null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong; the message names it.</exception>
    /// <exception cref="FileNotFoundException">There is no such file; the message names it.</exception>
    /// <exception cref="InvalidDataException">The label table is wrong; the message names the line.</exception>
    public static IDataView LoadFromFasta(this DataOperationsCatalog catalog, string path, FastaOptions? options = null) =>
        Load(catalog, path, options ?? new FastaOptions());

    /// <summary>Reads several files of FASTA, one after the other in the order given.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="paths">Files, wildcards and folders, as for one path. What is named twice is read twice.</param>
    /// <param name="options">Columns, labels and details. Default null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong, or there is no path.</exception>
    /// <exception cref="FileNotFoundException">There is no such file; the message names it.</exception>
    /// <exception cref="InvalidDataException">The label table is wrong; the message names the line.</exception>
    public static IDataView LoadFromFasta(this DataOperationsCatalog catalog, IEnumerable<string> paths, FastaOptions? options = null) =>
        Load(catalog, paths, options ?? new FastaOptions());

    /// <summary>
    /// Reads a file of FASTQ, the files that a wildcard matches, or those in a folder: a row a record, with the text columns <c>Id</c>,
    /// <c>Description</c> and <c>Sequence</c>, and <c>Quality</c>, a vector of Single with one Phred score a letter.
    /// </summary>
    /// <remarks>
    /// As <see cref="LoadFromFasta(DataOperationsCatalog, string, FastaOptions)"/>, but for the format: records have four lines, or more
    /// where sequence and quality are wrapped; the line of <c>+</c> is empty or repeats the header or its id; there are as many quality
    /// letters as letters.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="path">A file, a path with <c>*</c> and <c>?</c>, or a folder.</param>
    /// <param name="options">Columns, labels and details. Default null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong; the message names it.</exception>
    /// <exception cref="FileNotFoundException">There is no such file; the message names it.</exception>
    /// <exception cref="InvalidDataException">The label table is wrong; the message names the line.</exception>
    public static IDataView LoadFromFastq(this DataOperationsCatalog catalog, string path, FastqOptions? options = null) =>
        Load(catalog, path, options ?? new FastqOptions());

    /// <summary>Reads several files of FASTQ, one after the other in the order given.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="paths">Files, wildcards and folders, as for one path. What is named twice is read twice.</param>
    /// <param name="options">Columns, labels and details. Default null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong, or there is no path.</exception>
    /// <exception cref="FileNotFoundException">There is no such file; the message names it.</exception>
    /// <exception cref="InvalidDataException">The label table is wrong; the message names the line.</exception>
    public static IDataView LoadFromFastq(this DataOperationsCatalog catalog, IEnumerable<string> paths, FastqOptions? options = null) =>
        Load(catalog, paths, options ?? new FastqOptions());

    private static SequenceFileView Load(DataOperationsCatalog catalog, string path, SequenceFileOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Load(catalog, [path], options);
    }

    private static SequenceFileView Load(DataOperationsCatalog catalog, IEnumerable<string> paths, SequenceFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        return SequenceFileView.Create(CatalogUtils.GetEnvironment(catalog), paths, options);
    }
}

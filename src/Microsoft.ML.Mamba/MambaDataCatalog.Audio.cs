using Microsoft.ML.Data;
using Microsoft.ML.Mamba;
using Microsoft.ML.Mamba.Audio;
using Microsoft.ML.Mamba.Data.Loading;

namespace Microsoft.ML;

public static partial class MambaDataCatalog
{
    private static readonly string[] WavExtensions = [".wav", ".wave"];

    /// <summary>
    /// Reads a WAV file, the files that a wildcard matches, or those in a folder: a row a file, with its full path, its waveform, a vector
    /// of Single with full scale 1, its samples a second, and a label where <paramref name="label"/> says which.
    /// </summary>
    /// <remarks>
    /// The files are looked for when this is called, and the header of the first is read where <paramref name="sampleRate"/> is null. They
    /// are decoded one by one while the waveforms are read, as by <see cref="MambaAudioCatalog.LoadWav"/>, whose transformer says what is
    /// refused.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="path">
    /// A file; a path with <c>*</c> and <c>?</c> in it, in names of folders, too; or a folder, whose files that end with <c>.wav</c> or
    /// <c>.wave</c> are read, also in folders below it. Several files come in ordinal order of their paths.
    /// </param>
    /// <param name="label">
    /// Where the labels are: <see cref="SequenceLabel.FromFileName"/> or <see cref="SequenceLabel.FromFolderName"/>. Default null: there
    /// are none.
    /// </param>
    /// <param name="sampleRate">Samples a second of the waveforms. 100 to 1,000,000. Default null: the rate of the first file.</param>
    /// <param name="resample">Whether files of another rate are resampled. Default false: they are refused.</param>
    /// <param name="channel">The channel to take of files with several, from 0. Default null: the mean of all channels.</param>
    /// <param name="waveformColumnName">The column of waveforms. Default <c>Waveform</c>.</param>
    /// <param name="sampleRateColumnName">The column of the waveforms' samples a second, an Int32. Default <c>SampleRate</c>.</param>
    /// <param name="fileColumnName">The column of full paths. Default <c>File</c>.</param>
    /// <param name="labelColumnName">The column of labels, where there are any. Default <c>Label</c>.</param>
    /// <exception cref="ArgumentException">A value is out of range, a name is empty, or two columns have the same; or labels cannot be had from there.</exception>
    /// <exception cref="FileNotFoundException">There is no such file; the message names it.</exception>
    /// <exception cref="InvalidDataException">A label is missing, or the first file cannot be used; the message names it.</exception>
    public static IDataView LoadFromWav(
        this DataOperationsCatalog catalog,
        string path,
        SequenceLabel? label = null,
        int? sampleRate = null,
        bool resample = false,
        int? channel = null,
        string waveformColumnName = "Waveform",
        string sampleRateColumnName = "SampleRate",
        string fileColumnName = "File",
        string labelColumnName = "Label")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return LoadFromWav(catalog, [path], label, sampleRate, resample, channel, waveformColumnName, sampleRateColumnName, fileColumnName, labelColumnName);
    }

    /// <summary>Reads several WAV files, in the order given.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="paths">Files, wildcards and folders, as for one path. What is named twice is read twice.</param>
    /// <param name="label">Where the labels are. Default null: there are none.</param>
    /// <param name="sampleRate">Samples a second of the waveforms. 100 to 1,000,000. Default null: the rate of the first file.</param>
    /// <param name="resample">Whether files of another rate are resampled. Default false: they are refused.</param>
    /// <param name="channel">The channel to take of files with several, from 0. Default null: the mean of all channels.</param>
    /// <param name="waveformColumnName">The column of waveforms. Default <c>Waveform</c>.</param>
    /// <param name="sampleRateColumnName">The column of the waveforms' samples a second, an Int32. Default <c>SampleRate</c>.</param>
    /// <param name="fileColumnName">The column of full paths. Default <c>File</c>.</param>
    /// <param name="labelColumnName">The column of labels, where there are any. Default <c>Label</c>.</param>
    /// <exception cref="ArgumentException">
    /// A value is out of range, a name is empty, or two columns have the same; there is no path; or labels cannot be had from there.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file; the message names it.</exception>
    /// <exception cref="InvalidDataException">A label is missing, or the first file cannot be used; the message names it.</exception>
    public static IDataView LoadFromWav(
        this DataOperationsCatalog catalog,
        IEnumerable<string> paths,
        SequenceLabel? label = null,
        int? sampleRate = null,
        bool resample = false,
        int? channel = null,
        string waveformColumnName = "Waveform",
        string sampleRateColumnName = "SampleRate",
        string fileColumnName = "File",
        string labelColumnName = "Label")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        ColumnNames.Check(
            (waveformColumnName, nameof(waveformColumnName)), (sampleRateColumnName, nameof(sampleRateColumnName)), (fileColumnName, nameof(fileColumnName)),
            (label is null ? null : labelColumnName, nameof(labelColumnName)));
        WaveformRules.Check(sampleRate, channel);
        string[] files = FilePaths.Resolve(paths, WavExtensions, nameof(paths), compressed: false);
        RecordLabels? labels = label?.Open();
        TextTable table = labels is null
            ? new TextTable([fileColumnName], [.. files.Select(file => new[] { file })])
            : new TextTable([fileColumnName, labelColumnName], [.. files.Select(file => new[] { file, labels.Find(file) })]);
        return Waveforms(table, fileColumnName, waveformColumnName, sampleRateColumnName, sampleRate, resample, channel);
    }

    /// <summary>
    /// Reads the WAV files of a folder of folders, whose names are the labels: a row a file, with the text columns <c>File</c>,
    /// <c>Label</c> and <c>Name</c>, the waveform, a vector of Single with full scale 1, and its samples a second.
    /// </summary>
    /// <remarks>
    /// The files are listed when this is called, as by <see cref="LoadFromFolders"/>, and the header of the first is read where
    /// <paramref name="sampleRate"/> is null. They are decoded one by one while the waveforms are read, as by
    /// <see cref="MambaAudioCatalog.LoadWav"/>, whose transformer says what is refused.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">The folder with one folder a class.</param>
    /// <param name="searchPattern">Which files, as of <see cref="LoadFromFolders"/>. Default <c>*.wav</c>.</param>
    /// <param name="sampleRate">Samples a second of the waveforms. 100 to 1,000,000. Default null: the rate of the first file.</param>
    /// <param name="resample">Whether files of another rate are resampled. Default false: they are refused.</param>
    /// <param name="channel">The channel to take of files with several, from 0. Default null: the mean of all channels.</param>
    /// <param name="waveformColumnName">The column of waveforms. Default <c>Waveform</c>.</param>
    /// <param name="sampleRateColumnName">The column of the waveforms' samples a second, an Int32. Default <c>SampleRate</c>.</param>
    /// <param name="fileColumnName">The column of full paths. Default <c>File</c>.</param>
    /// <param name="labelColumnName">The column of labels. Default <c>Label</c>.</param>
    /// <param name="nameColumnName">The column of file names. Default <c>Name</c>.</param>
    /// <exception cref="ArgumentException">A value is out of range, a name is empty, or two columns have the same.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">No folder in it has such a file, or the first file cannot be used; the message names it.</exception>
    public static IDataView LoadFromWavFolders(
        this DataOperationsCatalog catalog,
        string folder,
        string searchPattern = "*.wav",
        int? sampleRate = null,
        bool resample = false,
        int? channel = null,
        string waveformColumnName = "Waveform",
        string sampleRateColumnName = "SampleRate",
        string fileColumnName = "File",
        string labelColumnName = "Label",
        string nameColumnName = "Name")
    {
        ColumnNames.Check(
            (waveformColumnName, nameof(waveformColumnName)), (sampleRateColumnName, nameof(sampleRateColumnName)), (fileColumnName, nameof(fileColumnName)),
            (labelColumnName, nameof(labelColumnName)), (nameColumnName, nameof(nameColumnName)));
        WaveformRules.Check(sampleRate, channel);
        IDataView files = catalog.LoadFromFolders(folder, searchPattern, recursive: true, fileColumnName, labelColumnName, nameColumnName);
        return Waveforms(files, fileColumnName, waveformColumnName, sampleRateColumnName, sampleRate, resample, channel);
    }

    /// <summary>
    /// Reads the WAV files that a table lists: a row a line, with the table's columns as text, paths in full, the waveform, a vector of
    /// Single with full scale 1, and its samples a second.
    /// </summary>
    /// <remarks>
    /// <para>The table is text in UTF-8 with a line of column names; a cell may stand in double quotes, with quotes in it doubled; empty
    /// lines are skipped. Its columns of files and labels must be there; what else it has, such as the speaker, becomes a column of text,
    /// for example to split rows by.</para>
    /// <para>The table is read when this is called, and the header of the first file where <paramref name="sampleRate"/> is null. The files
    /// are decoded one by one while the waveforms are read, as by <see cref="MambaAudioCatalog.LoadWav"/>, whose transformer says what is
    /// refused.</para>
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="tablePath">The table. The files in it are relative to its folder.</param>
    /// <param name="split">Only rows with this in the column <paramref name="splitColumnName"/>, such as <c>train</c>. Default null: all rows.</param>
    /// <param name="sampleRate">Samples a second of the waveforms. 100 to 1,000,000. Default null: the rate of the first file.</param>
    /// <param name="resample">Whether files of another rate are resampled. Default false: they are refused.</param>
    /// <param name="channel">The channel to take of files with several, from 0. Default null: the mean of all channels.</param>
    /// <param name="waveformColumnName">The column of waveforms. Default <c>Waveform</c>.</param>
    /// <param name="sampleRateColumnName">The column of the waveforms' samples a second, an Int32. Default <c>SampleRate</c>.</param>
    /// <param name="fileColumnName">The table's column of files. Default <c>File</c>.</param>
    /// <param name="labelColumnName">The table's column of labels; null for a table that may lack one. Default <c>Label</c>.</param>
    /// <param name="splitColumnName">The table's column that <paramref name="split"/> is looked for in. Default <c>Split</c>.</param>
    /// <param name="separatorChar">What stands between cells: any character but a double quote or a line break. Default tab.</param>
    /// <exception cref="ArgumentException">A value is out of range, a name is empty, or two columns have the same.</exception>
    /// <exception cref="FileNotFoundException">There is no such table.</exception>
    /// <exception cref="InvalidDataException">
    /// The table is malformed or has no such row, or the first file cannot be used; the message names file and line or byte.
    /// </exception>
    public static IDataView LoadFromWavTable(
        this DataOperationsCatalog catalog,
        string tablePath,
        string? split = null,
        int? sampleRate = null,
        bool resample = false,
        int? channel = null,
        string waveformColumnName = "Waveform",
        string sampleRateColumnName = "SampleRate",
        string fileColumnName = "File",
        string? labelColumnName = "Label",
        string splitColumnName = "Split",
        char separatorChar = '\t')
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(tablePath);
        ColumnNames.Check(
            (waveformColumnName, nameof(waveformColumnName)), (sampleRateColumnName, nameof(sampleRateColumnName)), (fileColumnName, nameof(fileColumnName)),
            (labelColumnName, nameof(labelColumnName)), (splitColumnName, nameof(splitColumnName)));
        CheckSeparator(separatorChar);
        WaveformRules.Check(sampleRate, channel);
        TextTable table = WavTable.Read(tablePath, separatorChar, fileColumnName, labelColumnName, splitColumnName, split);
        foreach (string added in new[] { waveformColumnName, sampleRateColumnName })
        {
            if (table.Schema.GetColumnOrNull(added) is not null)
                throw new ArgumentException($"The table '{tablePath}' has a column '{added}' of its own; name the loader's otherwise.");
        }

        return Waveforms(table, fileColumnName, waveformColumnName, sampleRateColumnName, sampleRate, resample, channel);
    }

    private static IDataView Waveforms(
        IDataView files, string fileColumn, string waveformColumn, string sampleRateColumn, int? sampleRate, bool resample, int? channel) =>
        new WavLoadingEstimator(new WavColumnNames(waveformColumn, fileColumn, sampleRateColumn, Folder: ""), sampleRate, resample, channel)
            .Fit(files).Transform(files);
}

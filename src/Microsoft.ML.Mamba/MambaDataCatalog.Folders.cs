using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data.Loading;

namespace Microsoft.ML;

/// <summary>Adds loaders of sequence files to <c>mlContext.Data</c>.</summary>
public static partial class MambaDataCatalog
{
    /// <summary>
    /// Lists a folder of folders, whose names are the labels: one row a file, with three columns of text, its full path, the name of the
    /// folder that its class has, and its file name.
    /// </summary>
    /// <remarks>
    /// The files are listed once, when this is called, and not opened. Rows come in ordinal order of label and of path below the label's
    /// folder, the same on every system. Files and folders that are hidden or whose name starts with a dot are left out, and so are files
    /// that lie in <paramref name="folder"/> itself: they have no label.
    /// </remarks>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">The folder with one folder a class.</param>
    /// <param name="searchPattern">
    /// Which files: a name with <c>*</c> for any letters and <c>?</c> for one, or several of these with semicolons between them, such as
    /// <c>*.wav;*.wave</c>. Upper and lower case are the same on every system. Default <c>*</c>.
    /// </param>
    /// <param name="recursive">Whether files in folders below a class's folder are taken, too. Default true.</param>
    /// <param name="fileColumnName">The column of full paths. Default <c>File</c>.</param>
    /// <param name="labelColumnName">The column of labels. Default <c>Label</c>.</param>
    /// <param name="nameColumnName">The column of file names, with extension. Default <c>Name</c>.</param>
    /// <exception cref="ArgumentException">
    /// A name is empty, two columns have the same name, or the pattern is empty or holds a directory separator.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder has no folders, or none of them a file of the pattern.</exception>
    public static IDataView LoadFromFolders(
        this DataOperationsCatalog catalog,
        string folder,
        string searchPattern = "*",
        bool recursive = true,
        string fileColumnName = "File",
        string labelColumnName = "Label",
        string nameColumnName = "Name")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ColumnNames.Check(
            (fileColumnName, nameof(fileColumnName)), (labelColumnName, nameof(labelColumnName)), (nameColumnName, nameof(nameColumnName)));
        SchemaDefinition schema = SchemaDefinition.Create(typeof(LabelledFile));
        schema[nameof(LabelledFile.File)].ColumnName = fileColumnName;
        schema[nameof(LabelledFile.Label)].ColumnName = labelColumnName;
        schema[nameof(LabelledFile.Name)].ColumnName = nameColumnName;
        return catalog.LoadFromEnumerable(FolderFiles.List(folder, searchPattern, recursive), schema);
    }
}

using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Mamba.Tests.Support;

/// <summary>Looks into saved models, and changes what is in them.</summary>
internal static class ModelZip
{
    /// <summary>The text of the one entry whose name ends so; null where there is none.</summary>
    public static string? Text(string path, string name)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        return zip.Entries.SingleOrDefault(entry => entry.FullName.EndsWith(name, StringComparison.Ordinal)) is { } entry
            ? Encoding.UTF8.GetString(Content(entry))
            : null;
    }

    /// <summary>Changes the entries whose names end so; where null is given, they are left out.</summary>
    /// <param name="path">The model.</param>
    /// <param name="name">The entry.</param>
    /// <param name="change">Gives the new content of an old one.</param>
    /// <param name="to">Where the changed model is put; null for its own place.</param>
    public static void Change(string path, string name, Func<byte[], byte[]?> change, string? to = null)
    {
        string temporary = path + ".changed";
        using (ZipArchive from = ZipFile.OpenRead(path))
        using (FileStream file = File.Create(temporary))
        using (var changed = new ZipArchive(file, ZipArchiveMode.Create))
        {
            foreach (ZipArchiveEntry entry in from.Entries)
            {
                byte[] content = Content(entry);
                byte[]? bytes = entry.FullName.EndsWith(name, StringComparison.Ordinal) ? change(content) : content;
                if (bytes is null)
                    continue;
                using Stream target = changed.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                target.Write(bytes);
            }
        }

        File.Move(temporary, to ?? path, overwrite: true);
    }

    /// <summary>As for bytes, of an entry in UTF-8.</summary>
    public static void ChangeText(string path, string name, Func<string, string?> change) =>
        Change(path, name, bytes => change(Encoding.UTF8.GetString(bytes)) is { } text ? Encoding.UTF8.GetBytes(text) : null);

    /// <summary>Why a model is refused. ML.NET wraps the exceptions of what it loads; the reason is inside.</summary>
    public static T? Reason<T>(Exception error) where T : Exception
    {
        Exception? reason = error;
        while (reason is not null and not T)
            reason = reason.InnerException;
        return (T?)reason;
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var copy = new MemoryStream();
        using Stream stream = entry.Open();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}

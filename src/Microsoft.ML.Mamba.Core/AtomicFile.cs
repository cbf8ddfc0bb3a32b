namespace Microsoft.ML.Mamba;

/// <summary>Writes files so that a failure, of the power too, leaves the former content.</summary>
internal static class AtomicFile
{
    /// <summary>Writes into a temporary file beside the path and then puts it in the path's place.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = path + "." + Path.GetRandomFileName();
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                // Otherwise the new name might reach the disk before the content does.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}

namespace Microsoft.ML.Mamba;

/// <summary>Golden files beside the test assembly, and temporary folders.</summary>
internal static class TestFiles
{
    public static string Golden(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "Golden", .. parts]);

    public static void InTemporaryFolder(Action<string> use)
    {
        string folder = Directory.CreateTempSubdirectory("mamba-core-tests").FullName;
        try
        {
            use(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

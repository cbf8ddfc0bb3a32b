namespace Microsoft.ML.Mamba.Samples.Tests;

/// <summary>Tables with a row a series, which ML.NET's own loader reads without complaint whatever their lines hold.</summary>
public sealed class TimeSeriesTableTests : IDisposable
{
    private readonly SampleData _files = new();

    [Theory]
    [InlineData("Label\tt0\tt1\none\t1\t2\n\ntwo\t1\n", "line 4: there are 2 cells, but 3 columns in the header.")]
    [InlineData("Label\tt0\tt1\none\t1\t2\t3\n", "line 2: there are 4 cells, but 3 columns in the header.")]
    [InlineData("Class\tt0\tt1\none\t1\t2\n", "the header must be 'Label' and a column a time step, or have a column 'Id'; it starts with 'Class'")]
    public void RaggedTable_IsRefusedWithItsLine(string content, string problem)
    {
        string table = _files.PathOf("beats.tsv");
        File.WriteAllText(table, content);
        SampleProcess.Result result = SampleProcess.Run("timeseries", "--data", table);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"'{table}'", result.Errors, StringComparison.Ordinal);
        Assert.Contains(problem, result.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();
}

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class ExceptionTests
{
    private readonly IHost _host = new MLContext(1).Register("Component");

    [Fact]
    public void SchemaMismatch_IsAnArgumentExceptionThatNamesRoleAndColumn()
    {
        Exception missing = _host.ExceptSchemaMismatch("inputSchema", "label", "Class");
        Exception mistyped = _host.ExceptSchemaMismatch("inputSchema", "label", "Class", "a key", "Single");

        Assert.IsType<ArgumentOutOfRangeException>(missing);
        Assert.Equal("inputSchema", ((ArgumentOutOfRangeException)missing).ParamName);
        Assert.All(new[] { "label", "Class" }, part => Assert.Contains(part, missing.Message));
        Assert.IsType<ArgumentOutOfRangeException>(mistyped);
        Assert.All(new[] { "label", "Class", "a key", "Single" }, part => Assert.Contains(part, mistyped.Message));
    }

    [Fact]
    public void Except_IsAnInvalidOperation()
    {
        Exception exception = _host.Except("no {0}", "way");

        Assert.IsType<InvalidOperationException>(exception);
        Assert.Equal("no way", exception.Message);
    }

    [Fact]
    public void ExceptDecode_IsAFormatException()
    {
        Assert.IsType<FormatException>(_host.ExceptDecode());
        Assert.Equal("version 2", Assert.IsType<FormatException>(_host.ExceptDecode("version {0}", 2)).Message);
    }

    [Fact]
    public void CheckValue_IsAnArgumentNullException()
    {
        _host.CheckValue("something", "name");

        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => _host.CheckValue<string>(null!, "name")).ParamName);
    }

    [Fact]
    public void CheckNonEmpty_IsAnArgumentException()
    {
        _host.CheckNonEmpty("something", "name");

        Assert.Equal("name", Assert.ThrowsAny<ArgumentException>(() => _host.CheckNonEmpty("", "name")).ParamName);
        Assert.ThrowsAny<ArgumentException>(() => _host.CheckNonEmpty(null!, "name"));
    }

    [Fact]
    public void CheckParam_IsAnArgumentOutOfRangeException()
    {
        _host.CheckParam(true, "name", "fine");

        Assert.Equal("name", Assert.Throws<ArgumentOutOfRangeException>(() => _host.CheckParam(false, "name", "bad")).ParamName);
    }
}

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class PreviewTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Preview_ShowsTheFirstRowsByColumnAndByRow()
    {
        DataDebuggerPreview preview = Animals.Data(_ml).Preview(maxRows: 2);

        Assert.Equal(["Label", "Value"], preview.ColumnView.Select(column => column.Column.Name));
        Assert.Equal([-1f, 9f], preview.ColumnView[1].Values);
        Assert.Equal(2, preview.RowView.Length);
        Assert.Equal("Value", preview.RowView[1].Values[1].Key);
        Assert.Equal(9f, preview.RowView[1].Values[1].Value);
    }
}

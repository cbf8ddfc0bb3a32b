using System.Globalization;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Fit;

public sealed class LogCultureTests
{
    [Fact]
    public void Log_IsInTheInvariantCulture()
    {
        var ml = new MLContext(1);
        IDataView data = Train.DnaKeys(ml);
        var log = new LogRecorder(ml);
        CultureInfo before = CultureInfo.CurrentCulture;
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        other.NumberFormat.NumberDecimalSeparator = "_";
        try
        {
            CultureInfo.CurrentCulture = other;
            Train.Fit(ml, data).Dispose();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.Matches(@"Training ended \(Completed\) after \d+ epochs and \d+ steps in \d+\.\d s", log.All);
        Assert.Matches(@"Epoch 1 of \d+: loss \d\.\d{4}", log.All);
    }
}

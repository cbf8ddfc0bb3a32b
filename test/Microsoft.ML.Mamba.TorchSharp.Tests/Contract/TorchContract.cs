using Microsoft.ML.Mamba.TorchSharp.Native;
using Microsoft.ML.Mamba.TorchSharp.Tests.Support;

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Contract;

/// <summary>
/// What the engine relies on in TorchSharp, beyond numbers: who owns a tensor, what is counted, which exceptions come. The tests here run on
/// the real package and on the stand-in of build/closed-feed, and must pass on both.
/// </summary>
public abstract class TorchContract
{
    protected TorchContract() => _ = TorchEngines.Cpu;

    /// <summary>A matrix of float32.</summary>
    protected static torch.Tensor Matrix(float[,] values)
    {
        torch.Tensor matrix = torch.empty(values.GetLength(0), values.GetLength(1), dtype: torch.ScalarType.Float32);
        values.Cast<float>().ToArray().CopyTo(TensorMemory.Floats(matrix));
        return matrix;
    }

    protected static torch.Tensor Vector(params double[] values) => torch.tensor(values, dtype: torch.ScalarType.Float32);

    /// <summary>All elements, row by row.</summary>
    protected static float[] Values(torch.Tensor tensor)
    {
        using torch.Tensor flat = tensor.to(torch.ScalarType.Float32).contiguous();
        return TensorMemory.Elements<float>(flat).ToArray();
    }

    protected static void Refuses<TException>(string words, Action action) where TException : Exception =>
        Assert.Contains(words, Assert.Throws<TException>(action).Message, StringComparison.Ordinal);

    protected static void Refuses<TException>(string words, Func<object> action) where TException : Exception =>
        Refuses<TException>(words, () => { _ = action(); });

    /// <summary>How many more handles live after an action.</summary>
    protected static long Counted(Action action)
    {
        // What others left behind must not be finalised in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = torch.Tensor.TotalCount;
        action();
        return torch.Tensor.TotalCount - before;
    }
}

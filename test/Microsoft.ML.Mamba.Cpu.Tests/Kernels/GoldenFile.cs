using System.Text.Json;
using Microsoft.ML.Mamba.Safetensors;

namespace Microsoft.ML.Mamba.Cpu.Tests.Kernels;

/// <summary>A file that Golden/make_golden.py wrote. Its tensors are channel-major, [batch, rows, length]; here they come token-major.</summary>
internal sealed class GoldenFile : IDisposable
{
    private readonly SafetensorsFile _file;

    public GoldenFile(string name)
    {
        _file = SafetensorsFile.Open(Path.Combine(AppContext.BaseDirectory, "Golden", name + ".safetensors"));
        Case = JsonDocument.Parse(_file.Metadata["case"]).RootElement;
    }

    public JsonElement Case { get; }

    public int Int(string name) => Case.GetProperty(name).GetInt32();

    public bool Flag(string name) => Case.GetProperty(name).GetBoolean();

    /// <summary>As stored; empty where the case lacks the tensor.</summary>
    public float[] Input(string name) => _file.TryGetEntry(name, out _) ? _file.Read<float>(name) : [];

    /// <summary>As stored; empty where the case lacks the tensor.</summary>
    public double[] Output(string name) => _file.TryGetEntry(name, out _) ? _file.Read<double>(name) : [];

    /// <summary>[batch, rows, length] to [batch, length, rows].</summary>
    public T[] ByToken<T>(T[] values, int batch, int length)
    {
        int rows = values.Length / (batch * length);
        var result = new T[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int b = i / (rows * length), row = i / length % rows, t = i % length;
            result[(((b * length) + t) * rows) + row] = values[i];
        }

        return result;
    }

    public void Dispose() => _file.Dispose();
}

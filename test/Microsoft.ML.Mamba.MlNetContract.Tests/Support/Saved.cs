namespace Microsoft.ML.Mamba.MlNetContract.Tests;

/// <summary>Saves and loads through memory, with a context that has not seen the transformer.</summary>
internal static class Saved
{
    public static byte[] Bytes(ITransformer transformer, DataViewSchema? schema)
    {
        using var stream = new MemoryStream();
        new MLContext(1).Model.Save(transformer, schema!, stream);
        return stream.ToArray();
    }

    public static ITransformer Load(byte[] bytes, out DataViewSchema schema) =>
        new MLContext(2).Model.Load(new MemoryStream(bytes), out schema);

    public static ITransformer RoundTrip(ITransformer transformer, DataViewSchema schema) =>
        Load(Bytes(transformer, schema), out _);
}

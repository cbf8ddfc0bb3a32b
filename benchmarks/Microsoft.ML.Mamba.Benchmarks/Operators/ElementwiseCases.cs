using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Benchmarks.Operators;

/// <summary>The operators that only stream through memory: gate, residual addition, embedding, pooling, the optimizer.</summary>
internal static class ElementwiseCases
{
    public static OperatorCase GateForward(int rows, int channels) => new(
        "gate forward", $"{rows} x {channels}", 4.0 * rows * channels, sizeof(float) * 3.0 * rows * channels, (double)rows * channels,
        parallel =>
        {
            float[] y = Buffers.Random((long)rows * channels, 1), z = Buffers.Random(y.Length, 2), output = new float[y.Length];
            return () => Gate.Forward(rows, channels, y, channels, z, channels, output, channels, parallel);
        });

    public static OperatorCase GateBackward(int rows, int channels) => new(
        "gate backward", $"{rows} x {channels}", 8.0 * rows * channels, sizeof(float) * 5.0 * rows * channels, (double)rows * channels,
        parallel =>
        {
            float[] y = Buffers.Random((long)rows * channels, 1), z = Buffers.Random(y.Length, 2), gradient = Buffers.Random(y.Length, 3);
            float[] gradY = new float[y.Length], gradZ = new float[y.Length];
            return () => Gate.Backward(rows, channels, y, channels, z, channels, gradient, channels, gradY, channels, gradZ, channels, parallel);
        });

    public static OperatorCase ResidualAddition(int rows, int channels) => new(
        "residual add", $"{rows} x {channels}", (double)rows * channels, sizeof(float) * 3.0 * rows * channels, 0,
        parallel =>
        {
            float[] x = Buffers.Random((long)rows * channels, 1), y = new float[x.Length];
            return () => ResidualAdd.Add(rows, channels, x, channels, y, channels, parallel);
        });

    public static OperatorCase EmbeddingForward(int tokens, int channels, int vocabulary) => new(
        "embedding forward", $"T {tokens}, {vocabulary} x {channels}", 0, sizeof(float) * 2.0 * tokens * channels, 0,
        parallel =>
        {
            float[] table = Buffers.Random((long)vocabulary * channels, 1), y = new float[(long)tokens * channels];
            int[] ids = Ids(tokens, vocabulary);
            return () => Embedding.Forward(channels, ids, table, y, channels, parallel);
        });

    public static OperatorCase EmbeddingBackward(int tokens, int channels, int vocabulary) => new(
        "embedding backward", $"T {tokens}, {vocabulary} x {channels}", (double)tokens * channels, sizeof(float) * 3.0 * tokens * channels, 0,
        parallel =>
        {
            float[] gradY = Buffers.Random((long)tokens * channels, 1), gradTable = new float[(long)vocabulary * channels];
            int[] ids = Ids(tokens, vocabulary);
            return () => Embedding.Backward(channels, ids, gradY, channels, gradTable, parallel);
        });

    public static OperatorCase PoolingForward(MambaPooling kind, int tokens, int sequences, int channels) => new(
        $"pooling forward, {kind}", $"T {tokens} ({sequences} seq), {channels} ch", 2.0 * tokens * channels, sizeof(float) * (double)tokens * channels, 0,
        parallel =>
        {
            float[] hidden = Buffers.Random((long)tokens * channels, 1), query = kind == MambaPooling.Attention ? Buffers.Random(channels, 2) : [];
            float[] pooled = new float[sequences * channels], weights = new float[kind == MambaPooling.Attention ? tokens : 0];
            int[] offsets = Buffers.Offsets(tokens, sequences), argMax = new int[kind == MambaPooling.Max ? pooled.Length : 0];
            return () => Pooling.Forward(kind, channels, hidden, channels, offsets, query, pooled, argMax, weights, parallel);
        });

    public static OperatorCase PoolingBackward(MambaPooling kind, int tokens, int sequences, int channels) => new(
        $"pooling backward, {kind}", $"T {tokens} ({sequences} seq), {channels} ch", 4.0 * tokens * channels, sizeof(float) * 2.0 * tokens * channels, 0,
        parallel =>
        {
            bool attention = kind == MambaPooling.Attention;
            float[] hidden = Buffers.Random((long)tokens * channels, 1), query = attention ? Buffers.Random(channels, 2) : [];
            float[] pooled = new float[sequences * channels], weights = new float[attention ? tokens : 0], gradQuery = new float[query.Length];
            float[] gradPooled = Buffers.Random(pooled.Length, 3), gradHidden = new float[hidden.Length],
                workspace = new float[Pooling.BackwardWorkspaceSize(kind, tokens)];
            int[] offsets = Buffers.Offsets(tokens, sequences), argMax = new int[kind == MambaPooling.Max ? pooled.Length : 0];
            Pooling.Forward(kind, channels, hidden, channels, offsets, query, pooled, argMax, weights, parallel);
            return () => Pooling.Backward(
                kind, channels, hidden, channels, offsets, query, argMax, weights, gradPooled, gradHidden, channels, gradQuery, workspace, parallel);
        });

    public static OperatorCase Optimizer(int parameters) => new(
        "AdamW step", $"{parameters} parameters", 12.0 * parameters, sizeof(float) * 7.0 * parameters, 0,
        parallel =>
        {
            float[] values = Buffers.Random(parameters, 1), gradients = Buffers.Random(parameters, 2), first = new float[parameters], second = new float[parameters];
            var settings = new AdamWSettings(1, 1e-6f, 0.9f, 0.999f, 1e-8f, 0.01f);
            return () => AdamW.Step(settings, values, gradients, first, second, [new ParameterRange(0, parameters)], parallel);
        });

    public static OperatorCase Norm(int parameters) => new(
        "gradient norm", $"{parameters} parameters", 2.0 * parameters, sizeof(float) * (double)parameters, 0,
        parallel =>
        {
            float[] gradients = Buffers.Random(parameters, 1);
            return () => GradientNorm.Compute(gradients, parallel);
        });

    private static int[] Ids(int tokens, int vocabulary)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, tokens).Select(_ => random.Next(vocabulary))];
    }
}

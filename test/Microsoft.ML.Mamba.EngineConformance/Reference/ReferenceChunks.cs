namespace Microsoft.ML.Mamba.EngineConformance.Reference;

/// <summary>
/// Truncated back-propagation for finite differences: what crosses the border of a chunk is recorded once, and is then a constant while parameters are varied.
/// </summary>
/// <param name="length">Tokens of a chunk, counted from each sequence's start in both directions.</param>
public sealed class ReferenceChunks(int length)
{
    private readonly Dictionary<(int Layer, int Sequence, bool Reversed), double[]> _inputs = [];
    private readonly Dictionary<(int Layer, int Sequence, bool Reversed, int Step), double[]> _states = [];

    /// <summary>Whether the passes of now are recorded rather than held to what was.</summary>
    public bool IsRecording { get; set; } = true;

    /// <summary>
    /// The number of steps that the chunk of a step began before it, in the order in which a direction reads a sequence of
    /// <paramref name="tokens"/>.
    /// </summary>
    public int StepsIntoChunk(int step, int tokens, bool reversed)
    {
        int token = reversed ? tokens - 1 - step : step, chunk = token / length;
        return reversed ? Math.Min(tokens, (chunk + 1) * length) - 1 - token : token - chunk * length;
    }

    /// <summary>The inputs of the convolution, as recorded.</summary>
    public double[] Inputs(int layer, int sequence, bool reversed, double[] x)
    {
        if (IsRecording)
            _inputs[(layer, sequence, reversed)] = x;
        return _inputs[(layer, sequence, reversed)];
    }

    /// <summary>Puts in place of the state before a chunk's first step the one that was recorded.</summary>
    public void Enter(int layer, int sequence, bool reversed, int step, double[] h)
    {
        if (IsRecording)
            _states[(layer, sequence, reversed, step)] = [.. h];
        _states[(layer, sequence, reversed, step)].CopyTo(h, 0);
    }
}

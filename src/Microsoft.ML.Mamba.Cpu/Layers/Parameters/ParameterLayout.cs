namespace Microsoft.ML.Mamba.Cpu.Layers;

/// <summary>Where each parameter lies in a flat buffer: those that decay first, so that the optimizer sees two runs. Immutable.</summary>
internal sealed class ParameterLayout
{
    private const int Alignment = 16;
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly long[] _offsets;
    private readonly int[] _lengths;

    public ParameterLayout(MambaConfig config)
    {
        Parameters = MambaParameters.List(config);
        _offsets = new long[Parameters.Count];
        _lengths = new int[Parameters.Count];
        long end = Place(decays: true, 0);
        DecayingLength = end;
        Length = Place(decays: false, end);
    }

    /// <summary>The parameters in the order in which they are stored in files.</summary>
    public IReadOnlyList<MambaParameter> Parameters { get; }

    /// <summary>Floats of the parameters that decay, with the padding between them; they come first.</summary>
    public long DecayingLength { get; }

    /// <summary>Floats of all parameters with padding.</summary>
    public long Length { get; }

    /// <summary>Index of a parameter in <see cref="Parameters"/>, or -1 where the model has none of this name.</summary>
    public int IndexOf(string name) => _indexes.GetValueOrDefault(name, -1);

    public long OffsetOf(int index) => _offsets[index];

    public int LengthOf(int index) => _lengths[index];

    private long Place(bool decays, long offset)
    {
        for (int i = 0; i < Parameters.Count; i++)
        {
            if (Parameters[i].Decays != decays)
                continue;
            _indexes.Add(Parameters[i].Name, i);
            _offsets[i] = offset;
            _lengths[i] = Parameters[i].Length;
            offset += (_lengths[i] + Alignment - 1) / Alignment * Alignment;
        }

        return offset;
    }
}

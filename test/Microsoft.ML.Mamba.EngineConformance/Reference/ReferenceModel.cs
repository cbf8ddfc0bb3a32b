namespace Microsoft.ML.Mamba.EngineConformance.Reference;

/// <summary>The whole model in double precision with plain loops, one sequence at a time. Its only virtue is that it is easy to check by reading.</summary>
public sealed class ReferenceModel
{
    private readonly MambaConfig _config;
    private readonly ReferenceBlock[] _blocks;

    public ReferenceModel(MambaConfig config, MambaWeights weights)
    {
        _config = config;
        Parameters = weights.ToDictionary(tensor => tensor.Name, tensor => Array.ConvertAll(tensor.Values, value => (double)value));
        _blocks = Enumerable.Range(0, config.NumLayers).Select(layer => new ReferenceBlock(config, Parameters, layer)).ToArray();
    }

    /// <summary>The parameters; finite differences write to them.</summary>
    public Dictionary<string, double[]> Parameters { get; }

    /// <summary>What multiplies activations during training.</summary>
    public ReferenceDropout Dropout { get; set; } = new();

    /// <summary>Where gradients stop, or null.</summary>
    public ReferenceChunks? Chunks
    {
        set => Array.ForEach(_blocks, block => block.Chunks = value);
    }

    public double[] Forward(SequenceBatch batch)
    {
        double[][] parts = new double[batch.Count][];
        for (int i = 0; i < batch.Count; i++)
        {
            double[] hidden = HiddenOf(batch, i, -1);
            parts[i] = _config.Head switch
            {
                MambaHead.None => hidden,
                MambaHead.LanguageModel => Linear(hidden, _config.DModel, Head, null),
                _ => Classify(hidden, i),
            };
        }

        return parts.SelectMany(part => part).ToArray();
    }

    public double[] ForwardHidden(SequenceBatch batch, int layer) =>
        Enumerable.Range(0, batch.Count).SelectMany(i => HiddenOf(batch, i, layer)).ToArray();

    public double[] ForwardPooled(SequenceBatch batch) =>
        Enumerable.Range(0, batch.Count).SelectMany(i => Pool(HiddenOf(batch, i, -1))).ToArray();

    public static double[] Linear(double[] x, int inputs, double[] weight, double[]? bias)
    {
        int rows = x.Length / inputs, outputs = weight.Length / inputs;
        double[] y = new double[rows * outputs];
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias?[o] ?? 0;
                for (int i = 0; i < inputs; i++)
                    sum += x[row * inputs + i] * weight[o * inputs + i];
                y[row * outputs + o] = sum;
            }
        }

        return y;
    }

    public static double[] RmsNorm(double[] x, int width, double[]? weight, double epsilon)
    {
        double[] y = new double[x.Length];
        for (int start = 0; start < x.Length; start += width)
        {
            double square = 0;
            for (int c = 0; c < width; c++)
                square += x[start + c] * x[start + c];
            double scale = 1 / Math.Sqrt(square / width + epsilon);
            for (int c = 0; c < width; c++)
                y[start + c] = x[start + c] * scale * (weight?[c] ?? 1);
        }

        return y;
    }

    private double[] Head => _config.TieWordEmbeddings ? Parameters["backbone.embeddings.weight"] : Parameters["lm_head.weight"];

    private double[] HiddenOf(SequenceBatch batch, int sequence, int layer)
    {
        double[] hidden = Embed(batch, sequence);
        int blocks = layer < 0 ? _config.NumLayers : layer;
        for (int k = 0; k < blocks; k++)
        {
            double[] branch = _blocks[k].Forward(hidden, sequence);
            int first = FirstToken(batch, sequence) * _config.DModel;
            for (int i = 0; i < hidden.Length; i++)
                hidden[i] += branch[i] * Dropout.Block(k, first + i);
        }

        return layer < 0 ? RmsNorm(hidden, _config.DModel, Parameters["backbone.norm_f.weight"], _config.NormEpsilon) : hidden;
    }

    private double[] Embed(SequenceBatch batch, int sequence)
    {
        int start = FirstToken(batch, sequence), length = TokensOf(batch.LengthOf(sequence)), width = _config.DModel;
        double[] hidden = new double[length * width];
        for (int t = 0; t < length; t++)
        {
            double keep = Dropout.Token(start + t);
            double[] row;
            if (batch.IsTokens)
            {
                int id = batch.Tokens[start + t];
                row = Parameters["backbone.embeddings.weight"].AsSpan(id * width, width).ToArray();
                for (int c = 0; c < width; c++)
                    row[c] *= keep * Dropout.Input(start + t);
            }
            else
            {
                double[] patch = Array.ConvertAll(Patch(batch, sequence, t), value => keep * value);
                row = Linear(patch, patch.Length, Parameters["backbone.input_projection.weight"], Parameters["backbone.input_projection.bias"]);
            }

            for (int c = 0; c < width && t < _config.MaxPositions; c++)
                row[c] += Parameters["backbone.position_embeddings.weight"][t * width + c];
            for (int c = 0; c < width; c++)
                hidden[t * width + c] = row[c] * Dropout.Embedding((start + t) * width + c);
        }

        return hidden;
    }

    /// <summary>Frames that one token reads, one after another; zeros beyond the sequence's end.</summary>
    private double[] Patch(SequenceBatch batch, int sequence, int token)
    {
        int frames = Math.Max(1, _config.PatchLength), stride = _config.PatchStride > 0 ? _config.PatchStride : frames;
        double[] patch = new double[frames * batch.Channels];
        for (int p = 0; p < frames; p++)
        {
            int frame = batch.Offsets[sequence] + token * stride + p;
            for (int c = 0; c < batch.Channels && frame < batch.Offsets[sequence + 1]; c++)
                patch[p * batch.Channels + c] = Dropout.Input(frame) * batch.Frames[frame * batch.Channels + c];
        }

        return patch;
    }

    private int TokensOf(int length)
    {
        int frames = Math.Max(1, _config.PatchLength), stride = _config.PatchStride > 0 ? _config.PatchStride : frames;
        return (int)Math.Max(1, Math.Ceiling((length - frames) / (double)stride) + 1);
    }

    private int FirstToken(SequenceBatch batch, int sequence) => Enumerable.Range(0, sequence).Sum(i => TokensOf(batch.LengthOf(i)));

    private double[] Classify(double[] hidden, int sequence)
    {
        int width = _config.DModel;
        double[] pooled = Pool(hidden);
        for (int c = 0; c < width; c++)
            pooled[c] *= Dropout.Head(sequence * width + c);
        return Linear(pooled, width, Parameters["classifier.weight"], Parameters["classifier.bias"]);
    }

    private double[] Pool(double[] hidden) =>
        ReferencePooling.Pool(hidden, _config.DModel, _config.Pooling, Parameters.GetValueOrDefault("pooler.query"));
}

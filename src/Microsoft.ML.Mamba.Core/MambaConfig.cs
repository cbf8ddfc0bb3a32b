namespace Microsoft.ML.Mamba;

/// <summary>The shape of a Mamba-1 (selective state space, S6) model: everything that its weights' shapes and its forward pass depend on.</summary>
/// <remarks>
/// A block computes, for the input <c>u</c> of <see cref="DModel"/> channels,
/// <c>out = u + out_proj( S6(SiLU(conv1d(x))) * SiLU(z) )</c> with <c>[x, z] = in_proj(RMSNorm(u))</c>
/// (Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", section 3.4). Immutable and thread-safe.
/// Call <see cref="Validate"/> before use; engines and readers do.
/// </remarks>
public sealed partial record MambaConfig
{
    internal const int MostPositions = 1 << 20;
    private const int LargestPatch = 1 << 20;

    /// <summary>Width of the residual stream. 1 to 65,536; default 64. Hugging Face: <c>hidden_size</c>.</summary>
    public int DModel { get; init; } = 64;

    /// <summary>Number of blocks. 0 to 1,024; default 2. Hugging Face: <c>num_hidden_layers</c>.</summary>
    public int NumLayers { get; init; } = 2;

    /// <summary>State size N of each channel. 1 to 256; default 16. Hugging Face: <c>state_size</c>.</summary>
    public int DState { get; init; } = 16;

    /// <summary>Width of the causal convolution in tokens. 1 to 64; default 4. Hugging Face: <c>conv_kernel</c>.</summary>
    public int DConv { get; init; } = 4;

    /// <summary><see cref="DInner"/> / <see cref="DModel"/>. 1 to 64; default 2. Hugging Face: <c>expand</c>.</summary>
    public int Expand { get; init; } = 2;

    /// <summary>Rank of the low-rank projection of dt, or 0 (the default) for ceil(<see cref="DModel"/> / 16). Hugging Face: <c>time_step_rank</c>.</summary>
    public int DtRank { get; init; }

    /// <summary>Whether the convolution has a bias. Default true. Hugging Face: <c>use_conv_bias</c>.</summary>
    public bool UseConvBias { get; init; } = true;

    /// <summary>Whether in_proj and out_proj have biases. Default false. Hugging Face: <c>use_bias</c>.</summary>
    public bool UseBias { get; init; }

    /// <summary>Epsilon of the RMS norms. Positive; default 1e-5. Hugging Face: <c>layer_norm_epsilon</c>.</summary>
    public float NormEpsilon { get; init; } = 1e-5f;

    /// <summary>
    /// Whether dt, B and C are RMS-normalised (without weights) before use, as in Falcon-Mamba. Default false. Hugging Face: <c>model_type
    /// = "falcon_mamba"</c>.
    /// </summary>
    public bool NormalizeDtBC { get; init; }

    /// <summary>Epsilon of the norms that <see cref="NormalizeDtBC"/> adds. Positive; default 1e-6. Hugging Face: <c>mixer_rms_eps</c>.</summary>
    public float MixerNormEpsilon { get; init; } = 1e-6f;

    /// <summary>Whether, and with which parameters, a second pass reads the sequence from its end. Default <see cref="MambaDirection.Forward"/>.</summary>
    public MambaDirection Direction { get; init; }

    /// <summary>Number of token ids, 1 to 16,777,216, or 0 (the default) for a model over frames. Hugging Face: <c>vocab_size</c>.</summary>
    public int VocabSize { get; init; }

    /// <summary>Channels of a frame, 1 to 65,536, or 0 (the default) for a model over tokens.</summary>
    public int InputChannels { get; init; }

    /// <summary>
    /// Frames that the input projection reads at once, as one patch: 2 to 65,536, or 0 (the default) or 1 for single frames. Only for
    /// frames and a classification head; times <see cref="InputChannels"/> at most 1,048,576. The blocks then read a token a patch, which
    /// makes long series of frames short; positions are counted in patches. A patch that reaches beyond the end of its sequence reads zeros
    /// there.
    /// </summary>
    public int PatchLength { get; init; }

    /// <summary>
    /// Frames from the start of one patch to that of the next: 1 to <see cref="PatchLength"/>, or 0 (the default) for
    /// <see cref="PatchLength"/>, patches without overlap. A sequence of L frames gives <c>max(1, ceil((L - PatchLength) / PatchStride) +
    /// 1)</c> tokens, see <see cref="TokensOf"/>.
    /// </summary>
    public int PatchStride { get; init; }

    /// <summary>
    /// Positions that have a learned embedding, 0 (none, the default) to 1,048,576. That of position t, counted from 0 at a sequence's
    /// start in every direction, is added to the input embedding (or projection) of token t; tokens at later positions get none, so that
    /// longer sequences can still be read. For sequences aligned on an event, such as windows around a splice site.
    /// </summary>
    public int MaxPositions { get; init; }

    /// <summary>What the model puts out. Default <see cref="MambaHead.Classification"/>.</summary>
    public MambaHead Head { get; init; } = MambaHead.Classification;

    /// <summary>Classes of a <see cref="MambaHead.Classification"/> head. 2 to 16,777,216; 0 (the default) for other heads.</summary>
    public int NumClasses { get; init; }

    /// <summary>How a classifier reduces the hidden states of a sequence to one vector. Default <see cref="MambaPooling.Mean"/>.</summary>
    public MambaPooling Pooling { get; init; } = MambaPooling.Mean;

    /// <summary>Whether a language model's head is its embedding. Default true. Hugging Face: <c>tie_word_embeddings</c>.</summary>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Smallest initial delta. Positive; default 0.001. Hugging Face: <c>time_step_min</c>.</summary>
    public float TimeStepMin { get; init; } = 0.001f;

    /// <summary>Largest initial delta. At least <see cref="TimeStepMin"/>; default 0.1. Hugging Face: <c>time_step_max</c>.</summary>
    public float TimeStepMax { get; init; } = 0.1f;

    /// <summary>Lower bound of the initial delta. Positive; default 1e-4. Hugging Face: <c>time_step_floor</c>.</summary>
    public float TimeStepFloor { get; init; } = 1e-4f;

    /// <summary>
    /// Scale of dt_proj's initial weights, uniform in +-scale / sqrt(<see cref="DtRank"/>). Positive; default 1. Hugging Face:
    /// <c>time_step_scale</c>.
    /// </summary>
    public float TimeStepScale { get; init; } = 1f;

    /// <summary>
    /// Standard deviation of the initial embeddings of tokens and positions and of the input projection's bias, and the largest of its
    /// weights. Positive; default 0.1. Hugging Face: <c>initializer_range</c>.
    /// </summary>
    public float InitializerRange { get; init; } = 0.1f;

    /// <summary>
    /// Whether out_proj's initial weights are divided by sqrt(<see cref="NumLayers"/>). Default true. Hugging Face:
    /// <c>rescale_prenorm_residual</c>.
    /// </summary>
    public bool RescalePrenormResidual { get; init; } = true;

    /// <summary>Channels inside a block: <see cref="Expand"/> x <see cref="DModel"/>. Hugging Face: <c>intermediate_size</c>.</summary>
    public int DInner => checked(Expand * DModel);

    /// <summary><see cref="DtRank"/>, with 0 resolved to ceil(<see cref="DModel"/> / 16).</summary>
    public int EffectiveDtRank => DtRank > 0 ? DtRank : (DModel + 15) / 16;

    /// <summary>Whether the input projection reads patches of several frames.</summary>
    public bool HasPatches => PatchLength > 1;

    /// <summary><see cref="PatchLength"/>, with 0 resolved to 1.</summary>
    public int EffectivePatchLength => Math.Max(1, PatchLength);

    /// <summary><see cref="PatchStride"/>, with 0 resolved to <see cref="EffectivePatchLength"/>.</summary>
    public int EffectivePatchStride => PatchStride > 0 ? PatchStride : EffectivePatchLength;

    /// <summary>Columns of the input projection: the channels of a patch's frames, frame by frame.</summary>
    internal int InputWidth => checked(EffectivePatchLength * InputChannels);

    /// <summary>Whether the input is token ids rather than frames.</summary>
    public bool IsTokenModel => VocabSize > 0;

    /// <summary>Whether a reversed pass runs beside the forward one.</summary>
    public bool IsBidirectional => Direction != MambaDirection.Forward;

    /// <summary>Tokens that the blocks read of a sequence: its length, or where there are patches, their number.</summary>
    /// <param name="length">Tokens or frames of the sequence, at least 1.</param>
    /// <returns>At least 1 and at most <paramref name="length"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is less than 1.</exception>
    public int TokensOf(int length)
    {
        if (length < 1)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"length must be at least 1; got {length}.");
        int beyond = Math.Max(0, length - EffectivePatchLength), stride = EffectivePatchStride;
        return beyond / stride + (beyond % stride > 0 ? 1 : 0) + 1;
    }

    /// <summary>Checks every value against its documented range.</summary>
    /// <exception cref="ArgumentException">A value is out of its range or two contradict each other; the message names them.</exception>
    public void Validate()
    {
        RangeCheck.Between(DModel, 1, 65_536, nameof(DModel));
        RangeCheck.Between(NumLayers, 0, 1_024, nameof(NumLayers));
        RangeCheck.Between(DState, 1, 256, nameof(DState));
        RangeCheck.Between(DConv, 1, 64, nameof(DConv));
        RangeCheck.Between(Expand, 1, 64, nameof(Expand));
        RangeCheck.Between(DtRank, 0, 65_536, nameof(DtRank));
        RangeCheck.Between(VocabSize, 0, 1 << 24, nameof(VocabSize));
        RangeCheck.Between(InputChannels, 0, 65_536, nameof(InputChannels));
        RangeCheck.Between(MaxPositions, 0, MostPositions, nameof(MaxPositions));
        RangeCheck.Between(PatchLength, 0, 65_536, nameof(PatchLength));
        RangeCheck.Between(PatchStride, 0, EffectivePatchLength, nameof(PatchStride));
        RangeCheck.PositiveAndFinite(NormEpsilon, nameof(NormEpsilon));
        RangeCheck.PositiveAndFinite(MixerNormEpsilon, nameof(MixerNormEpsilon));
        RangeCheck.PositiveAndFinite(TimeStepMin, nameof(TimeStepMin));
        RangeCheck.PositiveAndFinite(TimeStepMax, nameof(TimeStepMax));
        RangeCheck.PositiveAndFinite(TimeStepFloor, nameof(TimeStepFloor));
        RangeCheck.PositiveAndFinite(TimeStepScale, nameof(TimeStepScale));
        RangeCheck.PositiveAndFinite(InitializerRange, nameof(InitializerRange));
        if (TimeStepMin > TimeStepMax)
            throw new ArgumentException($"TimeStepMin ({TimeStepMin}) must not exceed TimeStepMax ({TimeStepMax}).");
        if (!Enum.IsDefined(Direction))
            throw new ArgumentOutOfRangeException(nameof(Direction), Direction, "Direction must be Forward, BidirectionalTied or BidirectionalSeparate.");
        if (!Enum.IsDefined(Head))
            throw new ArgumentOutOfRangeException(nameof(Head), Head, "Head must be None, Classification or LanguageModel.");
        if (!Enum.IsDefined(Pooling))
            throw new ArgumentOutOfRangeException(nameof(Pooling), Pooling, "Pooling must be Last, Mean, Max, First or Attention.");
        if (VocabSize > 0 == InputChannels > 0)
            throw new ArgumentException($"Exactly one of VocabSize (tokens) and InputChannels (frames) must be positive; got {VocabSize} and {InputChannels}.");
        if (Head == MambaHead.Classification)
            RangeCheck.Between(NumClasses, 2, 1 << 24, nameof(NumClasses));
        else if (NumClasses != 0)
            throw new ArgumentOutOfRangeException(nameof(NumClasses), NumClasses, $"NumClasses must be 0 for a model with head {Head}.");
        if (Head == MambaHead.LanguageModel && (!IsTokenModel || IsBidirectional))
            throw new ArgumentException("A LanguageModel head needs token input and Direction = Forward.");
        if (HasPatches)
            ValidatePatches();
    }

    private void ValidatePatches()
    {
        if (IsTokenModel)
            throw new ArgumentException($"PatchLength ({PatchLength}) is for frames; the model reads token ids (VocabSize = {VocabSize}).");
        if (Head != MambaHead.Classification)
            throw new ArgumentException(
                $"PatchLength ({PatchLength}) needs a Classification head, as there is an output for each patch but not for each frame; "
                + $"got {Head}.");
        if ((long)PatchLength * InputChannels > LargestPatch)
            throw new ArgumentException($"PatchLength x InputChannels must be at most {LargestPatch}; got {PatchLength} x {InputChannels}.");
    }
}

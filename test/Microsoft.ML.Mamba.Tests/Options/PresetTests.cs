using System.Reflection;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Options;

public class PresetTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Text_IsDnaWhereItLooksLikeIt()
    {
        var log = new LogRecorder(_ml);
        MambaTransformer dna = Train.Fit(_ml, Train.DnaKeys(_ml));
        Assert.Equal(MambaModality.Dna, dna.Modality);
        Assert.IsType<NucleotideTokenizer>(dna.Tokenizer);
        Assert.Equal(MambaPooling.Attention, dna.Config.Pooling);
        Assert.Contains("Preset Dna, chosen by column 'Sequence'", log.All, StringComparison.Ordinal);
        MambaTransformer text = Train.Fit(_ml, Train.WithKeys(_ml, _ml.Data.LoadFromEnumerable(Rows.Reviews(40))));
        Assert.Equal(MambaModality.Text, text.Modality);
        Assert.IsType<WordTokenizer>(text.Tokenizer);
        Assert.Equal(MambaPooling.Mean, text.Config.Pooling);
        Assert.Contains("Preset Text, chosen by column 'Sequence'", log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ACGTACGTACGT", false)]
    [InlineData("ACGTACGTACGTA", true)]
    [InlineData("acgtnnacgtaacuacgtacg", true)]
    [InlineData("ACGT ACGT ACGT ACGT", false)]
    [InlineData("RYSWKMBDHVRYSWKMBDHV", false)]
    [InlineData("MKTAYIAKQRQISFVKSHFSRQ", false)]
    [InlineData("", false)]
    public void Detection_LooksAtLettersAndLengths(string text, bool isDna)
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Repeat(new TextRow { Sequence = text }, 20));
        Assert.Equal(isDna, ModalityDetector.LooksLikeDna(data, data.Schema["Sequence"]));
    }

    [Fact]
    public void Factories_AreTheModalities()
    {
        Assert.Equal(MambaModality.Dna, MambaClassificationOptions.ForDna().Modality);
        Assert.Equal(MambaModality.Text, MambaClassificationOptions.ForText().Modality);
        Assert.Equal(MambaModality.Frames, MambaClassificationOptions.ForFrames().Modality);
        Assert.Equal(MambaModality.Auto, new MambaClassificationOptions().Modality);
    }

    [Fact]
    public void AskedForModality_OverridesDetection()
    {
        MambaClassificationOptions options = Train.Options();
        options.Modality = MambaModality.Text;
        options.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Character };
        MambaTransformer model = Train.Fit(_ml, Train.DnaKeys(_ml), options);
        Assert.Equal(MambaModality.Text, model.Modality);
        Assert.IsType<CharacterTokenizer>(model.Tokenizer);
    }

    [Fact]
    public void TokenizerOption_SettlesTheModality()
    {
        MambaClassificationOptions options = Train.Options();
        options.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Nucleotide, Nucleotide = new NucleotideOptions { KmerLength = 3 } };
        MambaTransformer model = Train.Fit(_ml, Train.DnaKeys(_ml), options);
        Assert.Equal(MambaModality.Dna, model.Modality);
        Assert.Equal(65, model.Config.VocabSize);
        options.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Byte };
        model = Train.Fit(_ml, Train.DnaKeys(_ml), options);
        Assert.Equal(MambaModality.Text, model.Modality);
        Assert.Equal(256, model.Config.VocabSize);
    }

    public static TheoryData<MambaModality> Modalities => [MambaModality.Dna, MambaModality.Text, MambaModality.Frames, MambaModality.Tokens];

    [Theory]
    [MemberData(nameof(Modalities))]
    public void EveryPreset_IsValid(MambaModality modality)
    {
        new MambaClassificationOptions { Modality = modality }.Validate();
        Assert.Equal(modality is MambaModality.Dna or MambaModality.Text, Preset.Of(modality).Tokenizer is not null);
    }

    [Theory]
    [InlineData(MambaModality.Dna, 64, 2, 0.2f)]
    [InlineData(MambaModality.Text, 128, 1, 0.4f)]
    [InlineData(MambaModality.Frames, 64, 3, 0.1f)]
    [InlineData(MambaModality.Tokens, 64, 2, 0.2f)]
    public void EveryPreset_HasTheDocumentedShape(MambaModality modality, int width, int layers, float dropout)
    {
        var options = new MambaClassificationOptions { Modality = modality };
        MambaConfig config = options.ToConfig(Preset.Of(modality), vocabSize: 2, channels: 0, classes: 2);
        Assert.Equal((width, layers), (config.DModel, config.NumLayers));
        Assert.Equal(dropout, options.ToTraining(Preset.Of(modality), seed: 1).Dropout);
    }

    [Fact]
    public void EveryOption_OverridesThePreset()
    {
        // One value for each option, unlike some preset's.
        var options = new MambaClassificationOptions
        {
            DModel = 48, NumLayers = 3, DState = 7, DConv = 5, Expand = 3, DtRank = 2, NormalizeDtBC = true,
            Direction = MambaDirection.Forward, Pooling = MambaPooling.Max,
            MaxEpochs = 77, BatchSize = 5, MaxBatchTokens = 99, LengthBucketBatches = 3, LearningRate = 0.5f, WarmupFraction = 0.33f,
            FinalLearningRateFraction = 0.44f,
            WeightDecay = 0.77f, Beta1 = 0.5f, Beta2 = 0.6f, AdamEpsilon = 1e-3f, MaxGradientNorm = 9, Dropout = 0.77f, HeadDropout = 0.66f, TokenDropout = 0.55f,
            LabelSmoothing = 0.44f, ClassWeights = [1, 2], BalanceClasses = true, ValidationFraction = 0.33, ValidationBatchSize = 3,
            ValidationMetric = ValidationMetric.Accuracy,
            EarlyStoppingPatience = 4, KeepBestWeights = false, WeightAveraging = 0.9f, BackpropagationLength = 500, Augmentation = new() { Noise = 5 },
        };
        var differed = new HashSet<string>();
        foreach (Preset preset in Preset.All)
        {
            object[] presets = [preset.Config, preset.Training];
            object[] set = [options.ToConfig(preset, 2, 0, 2), options.ToTraining(preset, 5)];
            object[] unset = [new MambaClassificationOptions().ToConfig(preset, 2, 0, 2), new MambaClassificationOptions().ToTraining(preset, 5)];
            int checkedOptions = 0;
            foreach (PropertyInfo option in typeof(MambaClassificationOptions).GetProperties()
                .Where(option => option.Name is not ("Seed" or "InputChannels" or "PatchLength" or "PatchStride")))
            {
                for (int i = 0; i < 2; i++)
                {
                    if (presets[i].GetType().GetProperty(option.Name) is not { } target)
                        continue;
                    Assert.Equal(option.GetValue(options), target.GetValue(set[i]));
                    if (!Equals(target.GetValue(unset[i]), target.GetValue(set[i])))
                        differed.Add(option.Name);
                    Assert.Equal(target.GetValue(presets[i]), target.GetValue(unset[i]));
                    checkedOptions++;
                }
            }

            Assert.Equal(35, checkedOptions);
            Assert.Equal(5, ((MambaTrainingOptions)set[1]).Seed);
        }

        Assert.Equal(35, differed.Count);
    }

    [Fact]
    public void OptionsForAnotherKindOfColumn_AreRefused()
    {
        AssertRefused(Train.SeriesKeys(_ml), options => options.Modality = MambaModality.Dna, "Modality", "text");
        AssertRefused(Train.DnaKeys(_ml), options => options.Modality = MambaModality.Frames, "Modality", "Single");
        AssertRefused(Train.DnaKeys(_ml), options => options.Modality = MambaModality.Tokens, "Modality", "integers");
        AssertRefused(Train.SeriesKeys(_ml), options => options.Tokenizer = new TokenizerOptions(), "Tokenizer");
        AssertRefused(Train.SeriesKeys(_ml), options => options.CustomTokenizer = new ByteTokenizer(), "CustomTokenizer");
        AssertRefused(Train.DnaKeys(_ml), options => options.InputChannels = 2, "InputChannels");
        AssertRefused(Train.DnaKeys(_ml), options => options.VocabularySize = 2, "VocabularySize");
    }

    private void AssertRefused(IDataView data, Action<MambaClassificationOptions> change, params string[] parts)
    {
        MambaClassificationOptions options = Train.Options();
        change(options);
        var error = Assert.Throws<ArgumentException>(() => Train.Fit(_ml, data, options));
        Assert.All(parts.Append("'Sequence'"), part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        // An estimator chain asks for the schema's shape before it trains, and hears the same.
        Assert.Throws<ArgumentException>(() => new EstimatorChain<MambaTransformer>().Append(_ml.Transforms.MambaClassify(options)).Fit(data));
    }
}

using static Microsoft.ML.Mamba.Training.CheckpointRuns;

namespace Microsoft.ML.Mamba.Training;

/// <summary>Damaged and hostile checkpoints, and those of another training.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private readonly CheckpointRuns _runs = new();

    private CheckpointOptions Checkpoints => new() { Folder = _runs.Folder, EverySteps = 4, EveryEpochs = 0, AtBest = false, Keep = 2 };

    private MambaTrainingOptions Options => _runs.Options(Checkpoints) with { WeightAveraging = 0.5f };

    public static TheoryData<string> Damages =>
    [
        "empty", "half", "less a byte", "more", "zeros at the end", "a bit in the middle", "a bit in the header", "garbage", "huge header",
        "other safetensors",
    ];

    private static byte[] Damaged(byte[] bytes, string how)
    {
        byte[] copy = [.. bytes];
        switch (how)
        {
            case "empty": return [];
            case "half": return bytes[..(bytes.Length / 2)];
            case "less a byte": return bytes[..^1];
            case "more": return [.. bytes, 0];
            case "zeros at the end": copy.AsSpan(copy.Length - 16).Clear(); return copy;
            case "a bit in the middle": copy[^9] ^= 1; return copy;
            case "a bit in the header": copy[copy.AsSpan().IndexOf("steps"u8) + 1] ^= 1; return copy;
            case "garbage": new Random(1).NextBytes(copy); return copy;
            case "huge header": copy.AsSpan(0, 8).Fill(0x7F); return copy;
            default: return [2, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}'];
        }
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void DamagedOne_IsPassedOverForTheOneBefore(string how)
    {
        var whole = new FakeModel();
        MambaTrainer.Train(whole, Train, Validation, Options with { Checkpoints = null });
        Crash(15, Options, Validation);
        Assert.Equal([8, 12], _runs.Steps);
        File.WriteAllBytes(_runs.Files[1], Damaged(File.ReadAllBytes(_runs.Files[1]), how));
        string damaged = _runs.Files[1];
        var second = new FakeModel();
        TrainingHistory history = MambaTrainer.Train(second, Train, Validation, Options);
        Assert.Equal(8, history.ResumedAtStep);
        Assert.Equal(WeightsOf(whole), WeightsOf(second));
        Assert.Contains($"'{damaged}' is damaged: ", history.Warning);
        Assert.Contains("passed over in favour of", history.Warning);
    }

    [Fact]
    public void DamagedOne_DoesNotOutliveTheNextCheckpoint()
    {
        Crash(15, Options, Validation);
        File.Move(_runs.Files[1], Path.Combine(_runs.Folder, "step-0000000099.safetensors"));
        File.WriteAllText(_runs.Files[1], "damaged");
        Crash(5, Options, Validation);
        Assert.Equal([8, 12], _runs.Steps);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void WithoutAnother_ItIsAnError(string how)
    {
        Crash(7, Options, Validation);
        string file = Assert.Single(_runs.Files);
        File.WriteAllBytes(file, Damaged(File.ReadAllBytes(file), how));
        var model = new FakeModel();
        string message = Assert.Throws<InvalidDataException>(() => MambaTrainer.Train(model, Train, Validation, Options)).Message;
        Assert.Contains($"'{file}' is damaged: ", message);
        Assert.Contains("Resume = Never", message);
        Assert.Empty(model.Steps);
    }

    [Fact]
    public void AnyFlippedBit_IsSeen()
    {
        Crash(7, Options, Validation);
        string file = Assert.Single(_runs.Files), flipped = Path.Combine(_runs.Folder, "flipped.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        string state = StateOf(file);
        var random = new Random(5);
        int seen = 0;
        for (int i = 0; i < 400; i++)
        {
            int position = i < 100 ? bytes.Length - 1 - random.Next(120) : random.Next(bytes.Length);
            byte kept = bytes[position];
            bytes[position] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(flipped, bytes);
            bytes[position] = kept;
            try
            {
                // Such as a letter's case in an escaped character of the JSON.
                Assert.Equal(state, StateOf(flipped));
            }
            catch (InvalidDataException)
            {
                seen++;
            }
        }

        Assert.InRange(seen, 380, 400);

        static string StateOf(string path)
        {
            Checkpoint checkpoint = CheckpointFile.Read(path);
            return System.Text.Json.JsonSerializer.Serialize(checkpoint.State, CheckpointJsonContext.Default.CheckpointState)
                + string.Join(",", checkpoint.Sections.SelectMany(section => section.Value.SelectMany(tensor => tensor.Values)));
        }
    }

    // Each has a right hash: made by somebody, not by an accident.
    public static TheoryData<string> Lies =>
    [
        "no steps", "epoch 0", "epoch 99", "step 6 of 5", "more steps than epochs", "no epochs", "null epoch", "no weights", "no optimizer",
        "no average", "no best", "other shape", "extra tensor",
        "best epoch 99", "best of NaN", "curve of null", "open curve", "optimizer of another step", "finished without sense", "confusion",
    ];

    [Theory]
    [MemberData(nameof(Lies))]
    public void LyingOne_IsRefusedAndLeavesTheModelAlone(string lie)
    {
        Crash(7, Options, null);
        Checkpoint checkpoint = CheckpointFile.Read(Assert.Single(_runs.Files));
        using var validated = new CheckpointRuns();
        MambaTrainingOptions options = Options with { Checkpoints = Options.Checkpoints! with { Folder = validated.Folder } };
        Crash(11, options, Validation);
        checkpoint = CheckpointFile.Read(validated.Files[^1]);
        CheckpointState state = checkpoint.State;
        var sections = new Dictionary<string, MambaWeights>(checkpoint.Sections);
        state = lie switch
        {
            "no steps" => state with { Steps = 0 },
            "epoch 0" => state with { Epoch = state.Epoch with { Number = 0 } },
            "epoch 99" => state with { Epoch = state.Epoch with { Number = 99 } },
            "step 6 of 5" => state with { Epoch = state.Epoch with { Steps = 6, Rows = 60 }, Steps = 11 },
            "more steps than epochs" => state with { Steps = 9 },
            "no epochs" => state with { Epochs = [] },
            "null epoch" => state with { Epochs = [null!] },
            "best epoch 99" => state with { Best = state.Best! with { Epoch = 99 } },
            "best of NaN" => state with { Best = state.Best! with { Loss = double.NaN } },
            "confusion" => state with { Best = state.Best! with { Confusion = new ClassConfusion { Classes = 1000, Counts = [] } } },
            "curve of null" => state with { Curve = state.Curve with { Points = [null!] } },
            "open curve" => state with { Curve = state.Curve with { Open = 7 } },
            "finished without sense" => state with
            {
                Finished = new TrainingHistory
                {
                    Epochs = [null!], StopReason = TrainingStopReason.Completed, TrainingRows = 1, ValidationRows = 1, TotalSteps = 1,
                    TotalTokens = 1, TotalTime = default,
                },
            },
            _ => state,
        };
        switch (lie)
        {
            case "no weights": sections.Remove(CheckpointFile.Weights); break;
            case "no optimizer": sections.Remove(CheckpointFile.Optimizer); break;
            case "no average": sections.Remove(CheckpointFile.Average); break;
            case "no best": sections.Remove(CheckpointFile.Best); break;
            case "other shape": sections[CheckpointFile.Best] = [new MambaTensor("w", [8], new float[8])]; break;
            case "extra tensor": sections[CheckpointFile.Weights].Add(new MambaTensor("v", [1], [0])); break;
            case "optimizer of another step": sections[CheckpointFile.Optimizer] = [new MambaTensor("step", [], [4])]; break;
        }

        CheckpointFile.Write(new Checkpoint(checkpoint.Path, state, sections));
        var model = new FakeModel();
        string message = Assert.Throws<InvalidDataException>(() => MambaTrainer.Train(model, Train, Validation, options)).Message;
        Assert.Contains($"'{checkpoint.Path}'", message);
        string[] beginnings = ["its ", "it has no ", "it tells of", "it stands at", "training history"];
        Assert.Contains(beginnings, beginning => message.Contains(beginning));
        Assert.Empty(model.Steps);
        Assert.All(WeightsOf(model), value => Assert.Equal(0, value));
        Assert.Equal(0, model.OpenSessions);
    }

    [Fact]
    public void NewerFormat_IsNamed()
    {
        Crash(7, Options, Validation);
        Checkpoint checkpoint = CheckpointFile.Read(Assert.Single(_runs.Files));
        CheckpointFile.Write(checkpoint with { State = checkpoint.State with { Version = 2 } });
        Assert.Contains(
            "version 2 of its format; this release reads version 1",
            Assert.Throws<InvalidDataException>(() => MambaTrainer.Train(new FakeModel(), Train, Validation, Options)).Message);
    }

    [Fact]
    public void OtherTraining_IsRefusedAndNamed()
    {
        MambaTrainingOptions OfVocabulary(string hash) =>
            Options with { Checkpoints = Checkpoints with { Identity = new Dictionary<string, string> { ["the vocabulary"] = hash } } };
        MambaTrainingOptions options = OfVocabulary("1");
        Crash(7, options, Validation);
        Assert.Contains("LearningRate was 0.5 and is 0.25", Refused(Train, Validation, options with { LearningRate = 0.25f }));
        Assert.Contains("Seed was 1 and is 2", Refused(Train, Validation, options with { Seed = 2 }));
        Assert.Contains("ValidationMetric was Loss and is Accuracy", Refused(Train, Validation, options with { ValidationMetric = ValidationMetric.Accuracy }));
        Assert.Contains("the model's num_classes was 2 and is 3", Refused(Train, Validation, options, classes: 3));
        string rows = Refused(TrainingData.Tokens(49), Validation, options);
        Assert.Contains("there were 50 training rows and are 49; the labels of the training rows changed; the sequences of the training rows changed", rows);
        Assert.DoesNotContain("validation", rows);
        Assert.Contains("there were 20 validation rows and are none", Refused(Train, null, options));
        string labels = Refused(Relabelled(), Validation, options);
        Assert.Contains("the labels of the training rows changed", labels);
        Assert.DoesNotContain("sequences", labels);
        string sequences = Refused(Train, TrainingData.Tokens(20, seed: 3), options);
        Assert.Contains("the sequences of the validation rows changed", sequences);
        Assert.DoesNotContain("labels", sequences);
        Assert.Contains("the vocabulary changed", Refused(Train, Validation, OfVocabulary("2")));
        Assert.Contains("; and 1 more", Refused(Train, Validation, new MambaTrainingOptions
        {
            Checkpoints = options.Checkpoints, MaxEpochs = 7, BatchSize = 11, LearningRate = 1, Beta1 = 0.1f, Beta2 = 0.1f, Dropout = 0,
            WeightAveraging = 0.5f, Seed = 3,
        }));

        MambaTrainingOptions others = options with { ValidationBatchSize = 3, Checkpoints = options.Checkpoints! with { Keep = 5, EverySteps = 1 } };
        Assert.Equal(4, MambaTrainer.Train(new FakeModel(), Train, Validation, others).ResumedAtStep);

        string Refused(SequenceDataset train, SequenceDataset? validation, MambaTrainingOptions other, int classes = 2)
        {
            var model = new FakeModel(classes);
            string message = Assert.Throws<InvalidOperationException>(() => MambaTrainer.Train(model, train, validation, other)).Message;
            Assert.Contains($"The checkpoints in '{_runs.Folder}' are of another training: ", message);
            Assert.Contains("Resume = Never", message);
            Assert.Empty(model.Steps);
            return message;
        }

        static SequenceDataset Relabelled()
        {
            SequenceDatasetBuilder builder = SequenceDatasetBuilder.ForTokens();
            for (int i = 0; i < Train.Count; i++)
                builder.Add(Train.TokensOf(i), i == 7 ? 1 - Train.Labels[i] : Train.Labels[i]);
            return builder.Build();
        }
    }

    [Fact]
    public void Identity_SeesWhereSequencesEnd()
    {
        SequenceDatasetBuilder one = SequenceDatasetBuilder.ForFrames(1), two = SequenceDatasetBuilder.ForFrames(1);
        one.Add([1f, 2f], 0);
        one.Add([3f], 1);
        two.Add([1f], 0);
        two.Add([2f, 3f], 1);
        var model = new MambaEnsemble([new FakeModel(vocabulary: 0, channels: 1)]);
        Dictionary<string, string> Of(SequenceDatasetBuilder builder) => CheckpointIdentity.Of(model, builder.Build(), null, _runs.Options());
        Assert.Equal("the sequences of the training rows changed", CheckpointIdentity.Difference(Of(one), Of(two)));
    }

    public void Dispose() => _runs.Dispose();
}

using static Microsoft.ML.Mamba.Training.CheckpointRuns;

namespace Microsoft.ML.Mamba.Training;

/// <summary>When checkpoints are written, which are kept, and who may use a folder.</summary>
public sealed class CheckpointFolderTests : IDisposable
{
    private readonly CheckpointRuns _runs = new();

    private CheckpointOptions Checkpoints => new() { Folder = _runs.Folder, Keep = 100 };

    [Fact]
    public void Schedule_DecidesWhenCheckpointsAreWritten()
    {
        // The last one is the result's.
        Assert.Equal([5, 10, 15, 20, 25, 30, 35, 40], StepsOf(Checkpoints, null));
        Assert.Equal([6, 12, 18, 24, 30, 36, 40], StepsOf(Checkpoints with { EverySteps = 6, EveryEpochs = 0 }, null));
        Assert.Equal([10, 12, 20, 24, 30, 36, 40], StepsOf(Checkpoints with { EverySteps = 12, EveryEpochs = 2 }, null));
        Assert.Equal([40], StepsOf(Checkpoints with { EveryEpochs = 0 }, null));
        var best = new List<int>();
        double lowest = double.PositiveInfinity;
        foreach (TrainingEpoch epoch in MambaTrainer.Train(new FakeModel(), Train, Validation, Options(null)).Epochs)
        {
            if (epoch.ValidationLoss < lowest)
                best.Add(epoch.Epoch * 5);
            lowest = Math.Min(lowest, epoch.ValidationLoss!.Value);
        }

        Assert.InRange(best.Count, 2, 7);
        Assert.Equal(best.Append(40).Distinct(), StepsOf(Checkpoints with { EveryEpochs = 0 }, Validation));

        int[] StepsOf(CheckpointOptions checkpoints, SequenceDataset? validation)
        {
            MambaTrainer.Train(new FakeModel(), Train, validation, Options(checkpoints with { Resume = CheckpointResume.Never }));
            return _runs.Steps;
        }

        // A rate at which validation does not improve every time.
        MambaTrainingOptions Options(CheckpointOptions? checkpoints) => new()
        {
            MaxEpochs = 8, BatchSize = 10, LearningRate = 30, WarmupFraction = 0, Checkpoints = checkpoints,
        };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Keep_RemovesTheOldest(int keep)
    {
        MambaTrainer.Train(new FakeModel(), Train, null, _runs.Options(Checkpoints with { Keep = keep }));
        int[] all = [5, 10, 15, 20, 25, 30, 35, 40];
        Assert.Equal(all[^keep..], _runs.Steps);
    }

    [Fact]
    public void Folder_HoldsNothingElseAfterwards()
    {
        Directory.CreateDirectory(_runs.Folder);
        File.WriteAllText(Path.Combine(_runs.Folder, "step-0000000005.safetensors.x1y2z3w4.abc"), "killed while writing");
        File.WriteAllText(Path.Combine(_runs.Folder, "notes.txt"), "the user's");
        MambaTrainer.Train(new FakeModel(), Train, null, _runs.Options());
        Assert.Equal(["in-use.lock", "notes.txt", "step-0000000035.safetensors", "step-0000000040.safetensors"],
            Directory.GetFiles(_runs.Folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("step-0000000040.safetensors.bak")]
    [InlineData("step-0000000040.safetensors.old.gz")]
    [InlineData("step-99.safetensors")]
    [InlineData("step-0000000099.SAFETENSORS")]
    [InlineData("step-best.safetensors")]
    public void FilesOfOthers_AreNeitherReadNorRemoved(string name)
    {
        Directory.CreateDirectory(_runs.Folder);
        string path = Path.Combine(_runs.Folder, name);
        File.WriteAllText(path, "the user's");
        foreach (CheckpointResume resume in new[] { CheckpointResume.Auto, CheckpointResume.Required, CheckpointResume.Never })
        {
            TrainingHistory history = MambaTrainer.Train(new FakeModel(), Train, null, _runs.Options(Checkpoints with { Resume = resume }));
            Assert.Null(history.Warning);
            Assert.Equal("the user's", File.ReadAllText(path));
        }
    }

    [Fact]
    public void Never_StartsAnewAndReplacesAll()
    {
        Crash(30, _runs.Options(Checkpoints), null);
        Assert.Equal([5, 10, 15, 20, 25], _runs.Steps);
        FakeModel second = Crash(8, _runs.Options(Checkpoints with { Resume = CheckpointResume.Never }), null);
        Assert.Equal(8, second.Steps.Count);
        Assert.Equal([5], _runs.Steps);
        Crash(4, _runs.Options(Checkpoints with { Resume = CheckpointResume.Never }), null);
        Assert.Equal([5], _runs.Steps);
    }

    [Fact]
    public void Required_NeedsACheckpoint()
    {
        MambaTrainingOptions options = _runs.Options(Checkpoints with { Resume = CheckpointResume.Required });
        string message = Assert.Throws<InvalidOperationException>(() => MambaTrainer.Train(new FakeModel(), Train, null, options)).Message;
        Assert.Contains(_runs.Folder, message);
        Assert.Contains("Required", message);
        Crash(8, _runs.Options(Checkpoints), null);
        Assert.Equal(5, MambaTrainer.Train(new FakeModel(), Train, null, options).ResumedAtStep);
    }

    [Fact]
    public void Folder_IsUsedByOneTrainingAtATime()
    {
        MambaTrainingOptions options = _runs.Options();
        var model = new FakeModel
        {
            BeforeStep = step =>
            {
                if (step == 7)
                    Assert.Contains(
                        "in use by another training",
                        Assert.Throws<IOException>(() => MambaTrainer.Train(new FakeModel(), Train, null, options)).Message);
                return null;
            },
        };
        MambaTrainer.Train(model, Train, null, options);
        Assert.Equal(40, model.Steps.Count);
    }

    [Fact]
    public void WriteError_NamesTheFile()
    {
        var model = new FakeModel
        {
            BeforeStep = step =>
            {
                if (step == 3)
                    Directory.CreateDirectory(Path.Combine(_runs.Folder, "step-0000000005.safetensors"));
                return null;
            },
        };
        Assert.Contains("step-0000000005.safetensors", Assert.ThrowsAny<Exception>(() => MambaTrainer.Train(model, Train, null, _runs.Options())).ToString());
    }

    [Fact]
    public void SeedIn_ReadsTheNewestReadableOne()
    {
        Assert.Null(CheckpointFolder.SeedIn(_runs.Folder));
        Crash(13, _runs.Options(Checkpoints) with { Seed = -77 }, null);
        File.WriteAllText(_runs.Files[^1], "damaged");
        Assert.Equal(-77, CheckpointFolder.SeedIn(_runs.Folder));
    }

    public static TheoryData<string, CheckpointOptions> Invalid => new()
    {
        { "Folder", new() { Folder = "" } },
        { "Folder", new() { Folder = " " } },
        { "Folder", new() { Folder = null! } },
        { "EverySteps must be 0 to 1073741824; got -1", new() { Folder = "x", EverySteps = -1 } },
        { "EveryEpochs must be 0 to 1000000; got -1", new() { Folder = "x", EveryEpochs = -1 } },
        { "Keep must be 1 to 1000000; got 0", new() { Folder = "x", Keep = 0 } },
        { "Resume must be Auto, Never, Required; got 7", new() { Folder = "x", Resume = (CheckpointResume)7 } },
        { "must not all be off", new() { Folder = "x", EveryEpochs = 0, AtBest = false } },
        { "Identity", new() { Folder = "x", Identity = null! } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_NamesWhatIsOutOfRange(string named, CheckpointOptions options) =>
        Assert.Contains(named, Assert.ThrowsAny<ArgumentException>(new MambaTrainingOptions { Checkpoints = options }.Validate).Message);

    [Fact]
    public void Validate_LimitsTheEpochs()
    {
        new MambaTrainingOptions { MaxEpochs = 100_000, Checkpoints = Checkpoints }.Validate();
        Assert.Contains(
            "at most 100000; got 100001",
            Assert.Throws<ArgumentException>(new MambaTrainingOptions { MaxEpochs = 100_001, Checkpoints = Checkpoints }.Validate).Message);
    }

    public void Dispose() => _runs.Dispose();
}

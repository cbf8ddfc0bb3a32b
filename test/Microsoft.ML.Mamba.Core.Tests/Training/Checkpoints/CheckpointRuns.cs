namespace Microsoft.ML.Mamba.Training;

/// <summary>A folder of one test, removed with it, and trainings that use it.</summary>
internal sealed class CheckpointRuns : IDisposable
{
    public static readonly SequenceDataset Train = TrainingData.Tokens(50);
    public static readonly SequenceDataset Validation = TrainingData.Tokens(20, seed: 2);

    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("mamba-checkpoints-");

    /// <summary>Not made yet.</summary>
    public string Folder => Path.Combine(_parent.FullName, "run");

    public string[] Files => [.. Directory.GetFiles(Folder, "*.safetensors").Order(StringComparer.Ordinal)];

    public int[] Steps => [.. Files.Select(file => int.Parse(Path.GetFileNameWithoutExtension(file)["step-".Length..]))];

    /// <summary>5 steps an epoch, 40 in all.</summary>
    public MambaTrainingOptions Options(CheckpointOptions? checkpoints = null) =>
        new() { MaxEpochs = 8, BatchSize = 10, LearningRate = 0.5f, Checkpoints = checkpoints ?? new CheckpointOptions { Folder = Folder } };

    /// <summary>Trains until a step, counted from 1 within this call, which crashes as a bug would.</summary>
    public static FakeModel Crash(int atStep, MambaTrainingOptions options, SequenceDataset? validation)
    {
        var model = new FakeModel { BeforeStep = step => step == atStep ? throw new TimeoutException("crash") : null };
        Assert.Throws<TimeoutException>(() => MambaTrainer.Train(model, Train, validation, options));
        return model;
    }

    public static float[] WeightsOf(FakeModel model) => model.Weights["w"].Values;

    /// <summary>All of a history that does not depend on the clock.</summary>
    public static string Course(TrainingHistory history) => (history with
    {
        Epochs = [.. history.Epochs.Select(epoch => epoch with { Duration = default })],
        TotalTime = default, ValidationTime = default, StartedAt = null, PeakMemory = null, ResumedAtStep = null,
    }).ToJson();

    public void Dispose() => _parent.Delete(recursive: true);
}

using Microsoft.ML.Mamba.Tests.Support;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;

namespace Microsoft.ML.Mamba.Tests.Fit;

/// <summary>Each warning comes once where it should, with its numbers, and not otherwise.</summary>
public class GuidanceTests
{
    private readonly MLContext _ml = new(1);

    private string[] Warnings(IEnumerable<TextRow> rows, Action<MambaClassificationOptions>? change = null, IEnumerable<TextRow>? validation = null) =>
        Warnings(_ml.Data.LoadFromEnumerable(rows), change, validation is null ? null : _ml.Data.LoadFromEnumerable(validation));

    private string[] Warnings(IDataView rows, Action<MambaClassificationOptions>? change, IDataView? validation)
    {
        var log = new LogRecorder(_ml);
        ITransformer keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows);
        MambaClassificationOptions options = Train.Options();
        options.ValidationSet = validation is null ? null : keys.Transform(validation);
        change?.Invoke(options);
        using MambaTransformer model = Train.Fit(_ml, keys.Transform(rows), options);
        string[] warnings = [.. log.All.Split('\n').Where(line => line.StartsWith("Warning: ", StringComparison.Ordinal))];
        // What the log says is kept with the model, too.
        Assert.Equal(warnings, model.History.Guidance.Select(warning => "Warning: " + warning));
        return warnings;
    }

    private static TextRow Row(string label, string sequence) => new() { Label = label, Sequence = sequence };

    private static TextRow[] Imbalanced(int many, int few) =>
        [.. Rows.Dna(2 * many).Where(row => row.Label == "gc"), .. Rows.Dna(2 * few, seed: 2).Where(row => row.Label == "at")];

    [Fact]
    public void SoundData_GivesNoWarning()
    {
        Assert.Empty(Warnings(Rows.Dna(200), options => options.ValidationFraction = 0.2));
        Assert.Empty(Warnings(Rows.Dna(60), null, Rows.Dna(20, seed: 2)));
        Assert.Empty(Warnings(_ml.Data.LoadFromEnumerable(Rows.Series(60)), options => options.ValidationFraction = 0.2, null));
    }

    [Fact]
    public void Imbalance_IsToldUnlessItIsMadeUpFor()
    {
        string warning = Assert.Single(Warnings(Imbalanced(60, 5)));
        Assert.Contains("Class 'gc' has 60 of 65 training rows, class 'at' 5", warning, StringComparison.Ordinal);
        Assert.Contains("BalanceClasses = true or ClassWeights", warning, StringComparison.Ordinal);
        Assert.Empty(Warnings(Imbalanced(60, 5), options => options.BalanceClasses = true));
        Assert.Empty(Warnings(Imbalanced(60, 5), options => options.ClassWeights = [1, 12]));
        Assert.Empty(Warnings(Imbalanced(54, 6)));
        Assert.Empty(Warnings(Imbalanced(45, 4)));
    }

    [Fact]
    public void FreeTextLabels_AreTold()
    {
        TextRow[] rows = Rows.Dna(60);
        string warning = Assert.Single(Warnings(rows.Select((row, i) => Row($"comment {i * 2 / 3}", row.Sequence))));
        Assert.Contains("Label column 'Label' has 40 different values in 60 training rows, such as 'comment 0'", warning, StringComparison.Ordinal);
        Assert.Contains("Check LabelColumnName", warning, StringComparison.Ordinal);
        Assert.Empty(Warnings(rows.Select((row, i) => Row($"class {i % 20}", row.Sequence))));
        // A few rows of a few classes are nothing to warn of.
        Assert.Empty(Warnings(rows.Take(19).Select((row, i) => Row($"class {i}", row.Sequence))));
    }

    [Fact]
    public void NamesOfFiles_AreTold()
    {
        using var folder = new TempFolder();
        string[] files = [.. Enumerable.Range(0, 12).Select(i => folder.PathOf(i % 2 == 0 ? $"a b{i}.txt" : $"c d{i}.txt"))];
        foreach (string file in files)
            File.WriteAllText(file, "text");
        TextRow[] rows = [.. files.Select((file, i) => Row(i % 2 == 0 ? "gc" : "at", file))];
        string warning = Assert.Single(Warnings(rows, ByLetter));
        Assert.Contains($"Column 'Sequence' has names of files, such as '{files[0]}', which the model reads as text", warning, StringComparison.Ordinal);
        Assert.Contains("Put LoadWav and MelSpectrogram before this estimator", warning, StringComparison.Ordinal);
        File.Delete(files[3]);
        Assert.Empty(Warnings(rows, ByLetter));

        static void ByLetter(MambaClassificationOptions options) => options.Tokenizer = new TokenizerOptions { Kind = TokenizerKind.Character };
    }

    [Fact]
    public void ContradictingLabels_AreTold()
    {
        TextRow[] rows = Rows.Dna(40);
        string warning = Assert.Single(Warnings([.. rows, Row("at", rows[0].Sequence), Row("gc", rows[0].Sequence)]));
        Assert.Contains("3 of 42 training rows have a sequence that occurs with another label as well, such as 'gc' and 'at'", warning, StringComparison.Ordinal);
        Assert.Contains("Check the labels, and whether MaxLength or Tokenizer", warning, StringComparison.Ordinal);
        Assert.Empty(Warnings([.. rows, Row("gc", rows[0].Sequence), Row("gc", rows[0].Sequence)]));
        TextRow[] many = Rows.Dna(300);
        Assert.Empty(Warnings([.. many, Row("at", many[0].Sequence)]));
        Assert.Single(Warnings([.. many, Row("at", many[0].Sequence), Row("at", many[2].Sequence)]));
    }

    [Fact]
    public void RowsInTrainingAndValidation_AreTold()
    {
        TextRow[] rows = Rows.Dna(40), other = Rows.Dna(10, seed: 2);
        string warning = Assert.Single(Warnings(rows, null, [.. other, rows[3], rows[4], rows[5]]));
        Assert.Contains("3 of 13 validation rows (ValidationSet) have a sequence that is trained on as well", warning, StringComparison.Ordinal);
        Assert.Empty(Warnings(rows, null, [.. other, rows[3]]));
        TextRow[] twice = [.. rows, .. rows];
        warning = Assert.Single(Warnings(twice, options => options.ValidationFraction = 0.25));
        Assert.Matches(@"\d+ of 20 validation rows \(ValidationFraction\) have a sequence that is trained on as well", warning);
        Assert.Empty(Warnings(twice));
        FrameRow[] series = Rows.Series(40);
        warning = Assert.Single(Warnings(_ml.Data.LoadFromEnumerable(series), null, _ml.Data.LoadFromEnumerable(series.Take(5))));
        Assert.Contains("5 of 5 validation rows", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void CutSequences_AreTold()
    {
        TextRow[] rows = [.. Rows.Dna(40).Select((row, i) => Row(row.Label, row.Sequence.PadRight(60, row.Sequence[0])[..(i < 21 ? 30 : 20)]))];
        string warning = Assert.Single(Warnings(rows, options => (options.MaxLength, options.Truncation) = (25, MambaTruncation.Tail)));
        Assert.Contains("21 of 40 training sequences are longer than MaxLength = 25, and only their last part is read", warning, StringComparison.Ordinal);
        Assert.Contains("raise MaxLength", warning, StringComparison.Ordinal);
        Assert.Contains(
            "their first part", Assert.Single(
                Warnings(rows, options => (options.MaxLength, options.Truncation) = (25, MambaTruncation.Head))), StringComparison.Ordinal);
        Assert.Empty(Warnings(rows, options => (options.MaxLength, options.Truncation) = (25, MambaTruncation.Keep)));
        Assert.Empty(Warnings(rows, options => (options.MaxLength, options.Truncation) = (30, MambaTruncation.Tail)));
        Assert.Empty(Warnings(rows.Skip(2), options => (options.MaxLength, options.Truncation) = (25, MambaTruncation.Tail)));
    }

    [Fact]
    public void UnknownValidationTokens_AreTold()
    {
        // Long enough that no two are the same.
        TextRow[] rows = [.. Rows.Reviews(60).Zip(Rows.Reviews(60, seed: 5), (one, two) => Row(one.Label, $"{one.Sequence} {two.Sequence}"))];
        TextRow[] foreign = [.. rows.Take(20).Select((row, i) => Row(row.Label, string.Join(' ', Enumerable.Repeat("mot", i + 1)) + " the"))];
        void Words(MambaClassificationOptions options) =>
            (options.Modality, options.Tokenizer) = (MambaModality.Text, new TokenizerOptions { Kind = TokenizerKind.Word });
        string warning = Assert.Single(Warnings(rows, Words, foreign), line => line.Contains("vocabulary", StringComparison.Ordinal));
        Assert.Contains(
            "91 % of the validation set's tokens are not in the vocabulary of 14 ids, against 0 % of the training rows'", warning,
            StringComparison.Ordinal);
        Assert.Contains("Kind Character or Byte", warning, StringComparison.Ordinal);
        Assert.DoesNotContain(Warnings(rows, Words, rows.Take(20)), line => line.Contains("vocabulary", StringComparison.Ordinal));
        Assert.DoesNotContain(
            Warnings(rows, options => (options.Modality, options.Tokenizer) = (MambaModality.Text, new TokenizerOptions { Kind = TokenizerKind.Byte }), foreign),
            line => line.Contains("vocabulary", StringComparison.Ordinal));
    }

    [Fact]
    public void StalledValidation_IsTold()
    {
        string warning = Assert.Single(Warnings(Rows.Dna(60), options => options.LearningRate = 1e-12f, Rows.Dna(20, seed: 2)));
        Assert.Matches(@"The validation loss never fell: 0\.\d{3} after the first epoch, 0\.\d{3} at best, 0\.\d{3} after epoch 8\.", warning);
        Assert.Contains("LearningRate (now 1E-12)", warning, StringComparison.Ordinal);
        Assert.Contains("MaxEpochs is 8", warning, StringComparison.Ordinal);
        Assert.Contains("check that each label belongs to its sequence", warning, StringComparison.Ordinal);
        Assert.Empty(Warnings(Rows.Dna(60), options => (options.LearningRate, options.MaxEpochs) = (1e-12f, 2), Rows.Dna(20, seed: 2)));
        Assert.Empty(Warnings(Rows.Dna(60), options => options.LearningRate = 1e-12f));
    }

    [Theory]
    [InlineData(new[] { 0.69, 0.70, 0.80 }, new[] { 0.69, 0.4, 0.1 }, "learns rows by heart")]
    [InlineData(new[] { 0.69, 0.70, 0.80 }, new[] { 0.69, 0.69, 0.68 }, "hardly fell either")]
    [InlineData(new[] { 0.690, 0.689, 0.688 }, new[] { 0.69, 0.69, 0.69 }, "hardly fell either")]
    [InlineData(new[] { 0.69, 0.60, 0.90 }, new[] { 0.69, 0.4, 0.1 }, null)]
    [InlineData(new[] { 0.20, 0.21, 0.22 }, new[] { 0.69, 0.4, 0.1 }, null)]
    [InlineData(new[] { 0.69, 0.70 }, new[] { 0.69, 0.4 }, null)]
    public void StalledValidation_DependsOnTheCurves(double[] validation, double[] training, string? advice)
    {
        var history = new TrainingHistory
        {
            Epochs =
            [
                .. validation.Select((loss, i) => new TrainingEpoch
                {
                    Epoch = i + 1, Steps = 1, Tokens = 1, TrainingLoss = training[i], LearningRate = 1, ValidationLoss = loss,
                    ValidationAccuracy = 0.5, Duration = default,
                }),
            ],
            StopReason = TrainingStopReason.Completed, TrainingRows = 10, ValidationRows = 10, TotalSteps = 3, TotalTokens = 3,
            TotalTime = default, ValidationClassRows = [5, 5],
        };
        string? warning = StalledValidation.Of(history, new MambaTrainingOptions(), 2);
        if (advice is null)
            Assert.Null(warning);
        else
            Assert.Contains(advice, warning, StringComparison.Ordinal);
        Assert.Null(StalledValidation.Of(history with { StopReason = TrainingStopReason.Diverged }, new MambaTrainingOptions(), 2));
    }

    [Fact]
    public void StalledValidation_MeasuresByChance()
    {
        TrainingHistory history = new()
        {
            Epochs = [.. Enumerable.Range(1, 3).Select(i => new TrainingEpoch
            {
                Epoch = i, Steps = 1, Tokens = 1, TrainingLoss = 0.3, LearningRate = 1, ValidationLoss = 0.3, Duration = default,
            })],
            StopReason = TrainingStopReason.Completed, TrainingRows = 10, ValidationRows = 10, TotalSteps = 3, TotalTokens = 3, TotalTime = default,
        };
        // 0.3 is good for two classes of the same size, and no better than chance where one has 9 of 10 rows.
        Assert.Null(StalledValidation.Of(history with { ValidationClassRows = [5, 5] }, new MambaTrainingOptions(), 2));
        Assert.NotNull(StalledValidation.Of(history with { ValidationClassRows = [9, 1] }, new MambaTrainingOptions(), 2));
        Assert.Null(StalledValidation.Of(history, new MambaTrainingOptions(), 600));
    }
}

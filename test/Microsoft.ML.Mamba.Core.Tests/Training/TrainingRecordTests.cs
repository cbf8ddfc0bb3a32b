namespace Microsoft.ML.Mamba.Training;

/// <summary>What a history tells beyond the epochs: the curve, the confusion matrix, lengths, options, memory.</summary>
public class TrainingRecordTests
{
    private static readonly MambaTrainingOptions s_options = new() { MaxEpochs = 4, BatchSize = 10, LearningRate = 0.5f };

    [Fact]
    public void Curve_OfAShortTraining_HasEveryStep()
    {
        var model = new FakeModel();
        var progress = new ProgressList();
        TrainingHistory history = MambaTrainer.Train(model, TrainingData.Tokens(45), null, s_options, progress);
        Assert.Equal(Enumerable.Range(1, 20), history.Curve.Select(point => point.Step));
        Assert.Equal(model.Steps.Select(step => step.LearningRate), history.Curve.Select(point => point.LearningRate));
        Assert.Equal(progress.Reports.Select(report => (double)report.GradientNorm), history.Curve.Select(point => point.GradientNorm));
        Assert.Equal(progress.Reports[0].Loss, history.Curve[0].Loss);
    }

    [Theory]
    [InlineData(1_999, 1)]
    [InlineData(2_000, 2)]
    [InlineData(2_001, 2)]
    [InlineData(4_003, 4)]
    [InlineData(100_001, 64)]
    public void Curve_IsThinnedToMeansOfEquallyManySteps(int steps, int inPoint)
    {
        var recorder = new CurveRecorder();
        for (int step = 1; step <= steps; step++)
            recorder.Add(step, new MambaStepResult(step, 2 * step), step);
        IReadOnlyList<TrainingPoint> points = recorder.Points;
        Assert.InRange(points.Count, 1, CurveRecorder.MaxPoints);
        Assert.Equal((steps + inPoint - 1) / inPoint, points.Count);
        for (int i = 0; i < points.Count; i++)
        {
            int first = i * inPoint + 1, last = Math.Min(first + inPoint - 1, steps);
            Assert.Equal((last, (float)last), (points[i].Step, points[i].LearningRate));
            Assert.Equal((first + last) / 2.0, points[i].Loss, 1e-9);
            Assert.Equal(first + last, points[i].GradientNorm, 1e-9);
        }
    }

    [Fact]
    public void Curve_DoesNotHoldTheStepThatDiverged()
    {
        var model = new FakeModel { BeforeStep = step => step == 8 ? new MambaStepResult(float.NaN, 1) : null };
        TrainingHistory history = MambaTrainer.Train(model, TrainingData.Tokens(45), null, s_options);
        Assert.Equal(7, history.Curve.Count);
        Assert.All(history.Curve, point => Assert.True(double.IsFinite(point.Loss)));
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 4)]
    public void Confusion_IsThatOfTheWeightsThatAreKept(bool keepBest, int pass)
    {
        // One forward pass an epoch: of the 8 rows, labelled 0 1 0 1 ..., as many are given class 1 as the epoch's number, but in epoch 2 all are right.
        var model = new FakeModel
        {
            AfterForward = (number, logits) =>
            {
                for (int i = 0; i < logits.Length / 2; i++)
                    (logits[2 * i], logits[2 * i + 1]) = (number == 2 ? i % 2 == 1 : i < number) ? (0, 3) : (3, 0);
            },
        };
        SequenceDataset validation = TrainingData.Tokens(8);
        ClassConfusion confusion = MambaTrainer.Train(model, TrainingData.Tokens(45), validation, s_options with { KeepBestWeights = keepBest }).Confusion!;
        int[] expected = pass == 2 ? [4, 0, 0, 4] : [2, 2, 2, 2];
        Assert.Equal(expected, confusion.Counts);
        Assert.Equal((2, 8L), (confusion.Classes, confusion.Total));
    }

    [Fact]
    public void Confusion_GivesPrecisionAndRecall()
    {
        var confusion = new ClassConfusion { Classes = 3, Counts = [4, 1, 0, 2, 3, 0, 0, 0, 0] };
        Assert.Equal((5L, 5L, 0L), (confusion.RowsOf(0), confusion.RowsOf(1), confusion.RowsOf(2)));
        Assert.Equal((6L, 4L, 0L), (confusion.RowsPredictedAs(0), confusion.RowsPredictedAs(1), confusion.RowsPredictedAs(2)));
        Assert.Equal((4 / 6.0, 3 / 4.0, null), (confusion.Precision(0), confusion.Precision(1), confusion.Precision(2)));
        Assert.Equal((4 / 5.0, 3 / 5.0, null), (confusion.Recall(0), confusion.Recall(1), confusion.Recall(2)));
        Assert.Equal((1, 2), (confusion[0, 1], confusion[1, 0]));
        Assert.Contains("The classes are 0 to 2; got 3", Assert.Throws<ArgumentOutOfRangeException>(() => confusion[0, 3]).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => confusion[-1, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => confusion.Recall(3));
    }

    [Fact]
    public void ManyClasses_AreNotCounted()
    {
        SequenceDataset data = TrainingData.Tokens(20);
        TrainingHistory few = MambaTrainer.Train(new FakeModel(classes: 512), data, data, s_options with { MaxEpochs = 1 });
        Assert.Equal((512, 512, 512), (few.Confusion!.Classes, few.TrainingClassRows.Count, few.ValidationClassRows.Count));
        Assert.Equal([10, 10, 0], few.TrainingClassRows.Take(3));
        TrainingHistory many = MambaTrainer.Train(new FakeModel(classes: 513), data, data, s_options with { MaxEpochs = 1 });
        Assert.Equal((null, 0, 0), (many.Confusion, many.TrainingClassRows.Count, many.ValidationClassRows.Count));
    }

    [Fact]
    public void Lengths_AreCountedInBins()
    {
        LengthDistribution lengths = LengthDistribution.Of(TrainingData.OfLengths(3, 3, 4, 7));
        Assert.Equal((3, 7, 4.25, 3, 1), (lengths.Shortest, lengths.Longest, lengths.Mean, lengths.Median, lengths.BinWidth));
        Assert.Equal([2, 1, 0, 0, 1], lengths.Counts);
        LengthDistribution wide = LengthDistribution.Of(TrainingData.OfLengths([.. Enumerable.Range(1, 400)]));
        Assert.Equal((10, 40, 200), (wide.BinWidth, wide.Counts.Count, wide.Median));
        Assert.All(wide.Counts, count => Assert.Equal(10, count));
        Assert.True(wide.IsValid && lengths.IsValid);
        TrainingHistory history = MambaTrainer.Train(
            new FakeModel(), TrainingData.OfLengths(3, 3, 4, 7), TrainingData.OfLengths(5, 6), s_options with { MaxEpochs = 1 });
        Assert.Equal((7, 6), (history.TrainingLengths!.Longest, history.ValidationLengths!.Longest));
    }

    [Fact]
    public void OptionsTimesAndMemory_AreRecorded()
    {
        DateTimeOffset before = DateTimeOffset.Now;
        TrainingHistory history = MambaTrainer.Train(
            new FakeModel(), TrainingData.Tokens(20), TrainingData.Tokens(5),
            s_options with
            {
                MaxGradientNorm = float.PositiveInfinity, ClassWeights = [1, 2.5f], ValidationMetric = ValidationMetric.Accuracy,
            });
        Assert.Equal(
            ("0.5", "10", "Infinity", "[1,2.5]", "Accuracy", "true"),
            (history.Options["LearningRate"], history.Options["BatchSize"], history.Options["MaxGradientNorm"],
                history.Options["ClassWeights"], history.Options["ValidationMetric"],
                history.Options["KeepBestWeights"]));
        // Checkpoints change no result; the options of an option are listed as NAME.OPTION.
        Assert.Equal(
            typeof(MambaTrainingOptions).GetProperties().Select(property => property.Name).Where(name => name != "Checkpoints"),
            history.Options.Keys.Select(name => name.Split('.')[0]).Distinct());
        Assert.Equal("0.2", history.Options["Augmentation.TimeMaskFraction"]);
        string[] texts = [.. new[] { 32, 33 }.Select(count => OptionTexts.Of(new MambaTrainingOptions { ClassWeights = [.. new float[count]] })["ClassWeights"])];
        Assert.StartsWith("[0,0,", texts[0]);
        Assert.Matches("^33 values, SHA-256 [0-9a-f]{64}$", texts[1]);
        Assert.InRange(history.StartedAt!.Value, before, DateTimeOffset.Now);
        Assert.InRange(history.ValidationTime, TimeSpan.FromTicks(1), history.TotalTime);
        Assert.InRange(history.PeakMemory!.Value, 1L << 20, 1L << 42);
    }
}

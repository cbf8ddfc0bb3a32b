using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Fit;

/// <summary>Training in processes that are killed, at moments that nobody chooses exactly: within a step, a validation or the writing of a checkpoint.</summary>
public class KilledTrainingTests
{
    [Fact]
    public void KilledAndStartedAgain_GivesTheSameModel()
    {
        using var folder = new TempFolder();
        TrainingProcess.Result whole = TrainingProcess.Run(null);
        int reached = 0;
        foreach ((int steps, int delay) in new[] { (3, 0), (7, 3), (9, 11), (12, 7) })
        {
            // Each process goes on where the one before was, so it tells of later steps.
            int last = TrainingProcess.RunAndKill(folder.PathOf("run"), reached + steps, delay);
            Assert.True(last >= reached + steps, $"The process ended after {last} steps, before it was killed.");
            reached = last;
        }

        TrainingProcess.Result resumed = TrainingProcess.Run(folder.PathOf("run"));
        // What was told of is saved, but for the step during whose report the process was killed.
        Assert.True(resumed.ResumedAtStep >= reached - 1, $"Resumed at {resumed.ResumedAtStep}; {reached} steps had been made.");
        Assert.Equal(whole.Hash, resumed.Hash);
        Assert.Equal(-1, whole.ResumedAtStep);
        TrainingProcess.Result again = TrainingProcess.Run(folder.PathOf("run"));
        Assert.True(again.ResumedAtStep > resumed.ResumedAtStep);
        Assert.Equal(whole.Hash, again.Hash);
    }
}

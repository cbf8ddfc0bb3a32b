namespace Microsoft.ML.Mamba.Ensemble;

public class ProbabilityMeanTests
{
    [Fact]
    public void LogarithmsOfTheMean()
    {
        var mean = new ProbabilityMean(4, 2, 2);
        mean.Add([0, 0, 3, 3 + MathF.Log(3)]);
        mean.Add([5, 5 + MathF.Log(4), -7, -7]);
        float[] logs = new float[4];
        mean.Replace(logs);
        double[] expected = [(0.5 + 0.2) / 2, (0.5 + 0.8) / 2, (0.25 + 0.5) / 2, (0.75 + 0.5) / 2];
        for (int i = 0; i < 4; i++)
            Assert.Equal(Math.Log(expected[i]), logs[i], 1e-6);
    }

    [Fact]
    public void LogitsOfOneModel_StayAsTheyAre()
    {
        var mean = new ProbabilityMean(2, 2, 1);
        float[] logits = [3, float.NaN];
        mean.Add(logits);
        mean.Replace(logits);
        Assert.Equal([3, float.NaN], logits);
    }

    [Fact]
    public void FarLogits_GiveNoInfinity()
    {
        var mean = new ProbabilityMean(2, 2, 2);
        mean.Add([3e4f, -3e4f]);
        mean.Add([1e4f, -1e4f]);
        float[] logs = new float[2];
        mean.Replace(logs);
        Assert.Equal(0, logs[0], 1e-6);
        Assert.Equal(-2e4 - Math.Log(2), logs[1], 1e-2);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void WhatIsNotFinite_StaysVisible(float logit)
    {
        var mean = new ProbabilityMean(2, 2, 2);
        mean.Add([0, logit]);
        mean.Add([0, 0]);
        float[] logs = new float[2];
        mean.Replace(logs);
        Assert.True(float.IsNaN(logs[1]));
    }
}

using Microsoft.ML.Mamba.Cpu.Kernels;

namespace Microsoft.ML.Mamba.Cpu.Tests;

public class PatchesTests
{
    [Theory]
    [InlineData(1, 1, 1, new[] { 1, 3 })]
    [InlineData(3, 4, 4, new[] { 1, 4, 5, 8, 11 })]
    [InlineData(2, 4, 3, new[] { 3, 4, 5, 6, 7, 8, 30 })]
    [InlineData(5, 6, 1, new[] { 1, 2, 300, 7 })]
    [InlineData(17, 64, 48, new[] { 1000, 63, 64, 65, 130 })]
    [InlineData(1, 3, 2, new[] { 100_000 })]
    public void Gather_MatchesReference(int channels, int length, int stride, int[] lengths)
    {
        (int[] frameOffsets, int[] patchOffsets) = Offsets(length, stride, lengths);
        TestMatrix frames = TestMatrix.Random(1, frameOffsets[^1], channels), patches = TestMatrix.Unwritten(patchOffsets[^1], length * channels);
        Patches.Gather(channels, length, stride, frames.Span, frameOffsets, patchOffsets, patches.Span, Teams.Two);
        double[] expected = new double[patches.Count];
        ForEach(length, stride, frameOffsets, patchOffsets, channels, (patch, frame) => expected[patch] = frames[frame]);
        patches.AssertClose(expected, 0);
    }

    [Theory]
    [InlineData(1, 1, 1, new[] { 1, 3 })]
    [InlineData(3, 4, 4, new[] { 1, 4, 5, 8, 11 })]
    [InlineData(2, 4, 3, new[] { 3, 4, 5, 6, 7, 8, 30 })]
    [InlineData(5, 6, 1, new[] { 1, 2, 300, 7 })]
    [InlineData(17, 64, 48, new[] { 1000, 63, 64, 65, 130 })]
    [InlineData(1, 3, 2, new[] { 100_000 })]
    public void Scatter_MatchesReference(int channels, int length, int stride, int[] lengths)
    {
        (int[] frameOffsets, int[] patchOffsets) = Offsets(length, stride, lengths);
        TestMatrix gradPatches = TestMatrix.Random(1, patchOffsets[^1], length * channels);
        double[] expected = new double[frameOffsets[^1] * channels];
        ForEach(length, stride, frameOffsets, patchOffsets, channels, (patch, frame) => expected[frame] += gradPatches[patch]);
        Teams.AssertSameBits(team =>
        {
            TestMatrix gradFrames = TestMatrix.Unwritten(frameOffsets[^1], channels);
            Patches.Scatter(channels, length, stride, gradPatches.Span, frameOffsets, patchOffsets, gradFrames.Span, team);
            gradFrames.AssertClose(expected, Tolerances.SummedGradient);
            return gradFrames.ToArray();
        });
    }

    [Fact]
    public void Gather_OfAStretchReadsFromItsOwnFrame()
    {
        TestMatrix frames = TestMatrix.Random(1, 20, 2), whole = TestMatrix.Unwritten(8, 8), part = TestMatrix.Unwritten(3, 8);
        Patches.Gather(2, 4, 2, frames.Span, [3, 20], [0, 8], whole.Span, Teams.One);
        Patches.Gather(2, 4, 2, frames.Span, [3 + 4 * 2, 20], [0, 3], part.Span, Teams.One);
        Compare.SameBits(whole.ToArray().AsSpan(4 * 8, 3 * 8), part.ToArray());
    }

    [Fact]
    public void GatherAndScatter_AllocateNothing()
    {
        float[] frames = new float[3000], patches = new float[4000];
        int[] frameOffsets = [0, 500, 1000], patchOffsets = [0, 166, 333];
        Allocations.AssertNone(() =>
        {
            Patches.Gather(3, 4, 3, frames, frameOffsets, patchOffsets, patches, Teams.Two);
            Patches.Scatter(3, 4, 3, patches, frameOffsets, patchOffsets, frames, Teams.Two);
        });
    }

    [Fact]
    public void GatherAndScatter_ThrowForBadArguments()
    {
        void Throws(
            string message, int channels = 2, int length = 3, int stride = 2, int frames = 10, int[]? frameOffsets = null,
            int[]? patchOffsets = null, int patches = 12)
        {
            frameOffsets ??= [0, 5];
            patchOffsets ??= [0, 2];
            Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(() =>
                Patches.Gather(channels, length, stride, new float[frames], frameOffsets, patchOffsets, new float[patches], Teams.One)).Message);
            string scattered = message.Replace("frames must", "gradFrames must", StringComparison.Ordinal).Replace(
                "patches must be", "gradPatches must be", StringComparison.Ordinal);
            Assert.StartsWith(scattered, Assert.ThrowsAny<ArgumentException>(() =>
                Patches.Scatter(channels, length, stride, new float[patches], frameOffsets, patchOffsets, new float[frames], Teams.One)).Message);
        }

        Throws("channels must be at least 1; got 0.", channels: 0);
        Throws("length must be at least 1; got 0.", length: 0);
        Throws("stride must be at least 1; got 0.", stride: 0);
        Throws("frames must be [frames=5, channels=2] with row stride 2 (10 elements); got 9.", frames: 9);
        Throws("patches must be [patches=2, length x channels=6] with row stride 6 (12 elements); got 11.", patches: 11);
        Throws("frameOffsets must be [patchOffsets=2]; got 3 elements.", frameOffsets: [0, 2, 5]);
        Throws("Each patch must hold a frame: the last patch of sequence 0 begins at frame 6, and the sequence has 5 from 0.", patchOffsets: [0, 4], patches: 24);
    }

    private static (int[] Frames, int[] Patches) Offsets(int length, int stride, int[] lengths)
    {
        int[] frames = new int[lengths.Length + 1], patches = new int[lengths.Length + 1];
        for (int i = 0; i < lengths.Length; i++)
        {
            frames[i + 1] = frames[i] + lengths[i];
            patches[i + 1] = patches[i] + (int)Math.Max(1, Math.Ceiling((lengths[i] - length) / (double)stride) + 1);
        }

        return (frames, patches);
    }

    /// <summary>Calls an action with the index of every element of every patch and of the frame's element that it is.</summary>
    private static void ForEach(int length, int stride, int[] frameOffsets, int[] patchOffsets, int channels, Action<int, int> action)
    {
        for (int s = 0; s + 1 < frameOffsets.Length; s++)
        {
            for (int t = patchOffsets[s]; t < patchOffsets[s + 1]; t++)
            {
                for (int p = 0; p < length; p++)
                {
                    int frame = frameOffsets[s] + (t - patchOffsets[s]) * stride + p;
                    for (int c = 0; c < channels && frame < frameOffsets[s + 1]; c++)
                        action((t * length + p) * channels + c, frame * channels + c);
                }
            }
        }
    }
}

namespace Microsoft.ML.Mamba.Cpu.Kernels;

/// <summary>
/// Patches of frames, the input of a strided patch embedding. Patch i of a sequence holds its frames
/// <c>i stride .. i stride + length - 1</c>, frame by frame, and zeros for frames beyond its end:
/// <c>patches[t, p channels + c] = frames[i stride + p, c]</c>.
/// </summary>
/// <remarks>
/// Sequence s has frames <c>frameOffsets[s] .. frameOffsets[s + 1]</c> and patches <c>patchOffsets[s] .. patchOffsets[s + 1]</c>, at least
/// one frame in each. Overwritten (=): patches; gradFrames, summed in the order of the patches. Every row is computed on its own: the same
/// for any number of threads. No buffers may overlap.
/// </remarks>
internal static unsafe class Patches
{
    /// <param name="channels">Channels of a frame, at least 1.</param>
    /// <param name="length">Frames of a patch, at least 1.</param>
    /// <param name="stride">Frames between the starts of two patches, at least 1.</param>
    /// <param name="frames">[frames, channels].</param>
    /// <param name="frameOffsets">[sequences + 1], in rows of <paramref name="frames"/>; need not begin with 0.</param>
    /// <param name="patchOffsets">[sequences + 1], from 0 to the number of patches.</param>
    /// <param name="patches">[patches, length x channels], overwritten.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Gather(
        int channels, int length, int stride, ReadOnlySpan<float> frames, ReadOnlySpan<int> frameOffsets, ReadOnlySpan<int> patchOffsets, Span<float> patches,
        CpuParallel parallel)
    {
        int width = Check(channels, length, stride, frames.Length, nameof(frames), frameOffsets, patchOffsets), count = patchOffsets[^1];
        KernelCheck.Matrix(patches.Length, nameof(patches), count, nameof(patches), width, "length x channels", width);
        fixed (int* pFrameOffsets = frameOffsets, pPatchOffsets = patchOffsets)
        fixed (float* pFrames = frames, pPatches = patches)
        {
            int size = RowBlocks.RowsPerPiece(count, width);
            var job = new GatherJob(channels, width, stride, pFrames, pFrameOffsets, pPatchOffsets, frameOffsets.Length - 1, count, pPatches, size);
            parallel.For(RowBlocks.CountOf(count, size), ref job);
        }
    }

    /// <summary>The gradient of the frames: each collects those of all its places in patches.</summary>
    /// <param name="channels">Channels of a frame, at least 1.</param>
    /// <param name="length">Frames of a patch, at least 1.</param>
    /// <param name="stride">Frames between the starts of two patches, at least 1.</param>
    /// <param name="gradPatches">[patches, length x channels].</param>
    /// <param name="frameOffsets">[sequences + 1], in rows of <paramref name="gradFrames"/>, from 0.</param>
    /// <param name="patchOffsets">[sequences + 1], from 0 to the number of patches.</param>
    /// <param name="gradFrames">[frames, channels], overwritten.</param>
    /// <param name="parallel">The threads to use.</param>
    public static void Scatter(
        int channels, int length, int stride, ReadOnlySpan<float> gradPatches, ReadOnlySpan<int> frameOffsets, ReadOnlySpan<int> patchOffsets,
        Span<float> gradFrames, CpuParallel parallel)
    {
        int width = Check(channels, length, stride, gradFrames.Length, nameof(gradFrames), frameOffsets, patchOffsets);
        KernelCheck.Offsets(frameOffsets, gradFrames.Length / channels);
        KernelCheck.Matrix(gradPatches.Length, nameof(gradPatches), patchOffsets[^1], "patches", width, "length x channels", width);
        fixed (int* pFrameOffsets = frameOffsets, pPatchOffsets = patchOffsets)
        fixed (float* pGradPatches = gradPatches, pGradFrames = gradFrames)
        {
            int count = frameOffsets[^1], size = RowBlocks.RowsPerPiece(count, channels);
            var job = new ScatterJob(
                channels, length, stride, pGradPatches, pFrameOffsets, pPatchOffsets, frameOffsets.Length - 1, count, pGradFrames, size);
            parallel.For(RowBlocks.CountOf(count, size), ref job);
        }
    }

    private static int Check(
        int channels, int length, int stride, int framesLength, string framesName, ReadOnlySpan<int> frameOffsets, ReadOnlySpan<int> patchOffsets)
    {
        KernelCheck.Size(channels, nameof(channels), 1);
        KernelCheck.Size(length, nameof(length), 1);
        KernelCheck.Size(stride, nameof(stride), 1);
        KernelCheck.Offsets(patchOffsets, patchOffsets.IsEmpty ? 0 : patchOffsets[^1]);
        KernelCheck.Vector(frameOffsets.Length, nameof(frameOffsets), patchOffsets.Length, nameof(patchOffsets));
        KernelCheck.Matrix(framesLength, framesName, frameOffsets[^1], "frames", channels, nameof(channels), channels);
        for (int s = 0; s < frameOffsets.Length - 1; s++)
        {
            long frames = (long)frameOffsets[s + 1] - frameOffsets[s], last = (long)(patchOffsets[s + 1] - patchOffsets[s] - 1) * stride;
            if (frameOffsets[s] < 0 || frames <= last)
            {
                throw new ArgumentException(
                    $"Each patch must hold a frame: the last patch of sequence {s} begins at frame {last}, and the sequence has {frames} from {frameOffsets[s]}.",
                    nameof(frameOffsets));
            }
        }

        return checked(length * channels);
    }

    private readonly struct GatherJob(
        int channels, int width, int stride, float* frames, int* frameOffsets, int* patchOffsets, int sequences, int count, float* patches, int size) : IParallelJob
    {
        public void Run(int index)
        {
            int start = index * size, end = Math.Min(start + size, count);
            int s = PackedSearch.SequenceOf(patchOffsets, sequences, start);
            for (int t = start; t < end; t++)
            {
                while (patchOffsets[s + 1] <= t)
                    s++;
                long first = frameOffsets[s] + (long)(t - patchOffsets[s]) * stride;
                int there = (int)Math.Min(width, (frameOffsets[s + 1] - first) * channels);
                var patch = new Span<float>(patches + (nint)t * width, width);
                new ReadOnlySpan<float>(frames + (nint)first * channels, there).CopyTo(patch);
                patch[there..].Clear();
            }
        }
    }

    private readonly struct ScatterJob(
        int channels, int length, int stride, float* gradPatches, int* frameOffsets, int* patchOffsets, int sequences, int count, float* gradFrames, int size)
        : IParallelJob
    {
        public void Run(int index)
        {
            int start = index * size, end = Math.Min(start + size, count);
            int s = PackedSearch.SequenceOf(frameOffsets, sequences, start);
            for (int f = start; f < end; f++)
            {
                while (frameOffsets[s + 1] <= f)
                    s++;
                int frame = f - frameOffsets[s], first = Math.Max(0, frame - length + stride) / stride;
                int last = Math.Min(frame / stride, patchOffsets[s + 1] - patchOffsets[s] - 1);
                var sum = new Span<float>(gradFrames + (nint)f * channels, channels);
                sum.Clear();
                for (int i = first; i <= last; i++)
                {
                    float* part = gradPatches + ((nint)(patchOffsets[s] + i) * length + frame - i * stride) * channels;
                    for (int c = 0; c < channels; c++)
                        sum[c] += part[c];
                }
            }
        }
    }
}

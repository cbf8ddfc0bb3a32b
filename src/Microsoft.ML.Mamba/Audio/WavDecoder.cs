using System.Buffers.Binary;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>
/// Reads the samples behind a header. Whole numbers are divided by the largest magnitude of their type, so that full scale is 1; floating
/// point is taken as it is.
/// </summary>
internal static class WavDecoder
{
    private const int BufferBytes = 1 << 16;

    /// <param name="stream">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="channel">The channel to take, from 0; null for the mean of all.</param>
    /// <param name="file">The name for messages.</param>
    /// <returns>One sample a block.</returns>
    /// <exception cref="InvalidDataException">There is no such channel, or a sample is not finite; the message names the file.</exception>
    public static float[] Read(Stream stream, WavHeader header, int? channel, string file)
    {
        if (channel >= header.Channels)
            throw new InvalidDataException(
                $"'{file}' has {header.Channels} channel{(header.Channels == 1 ? "" : "s")}; channel {channel}, counted from 0, was asked for.");
        int blocksAtOnce = Math.Max(1, BufferBytes / header.BytesPerBlock);
        byte[] bytes = new byte[Math.Min(blocksAtOnce, header.Blocks) * header.BytesPerBlock];
        float[] values = new float[bytes.Length / header.BytesPerSample];
        float[] samples = new float[header.Blocks];
        stream.Position = header.DataOffset;
        for (int done = 0; done < samples.Length;)
        {
            int blocks = Math.Min(blocksAtOnce, samples.Length - done);
            Span<byte> part = bytes.AsSpan(0, blocks * header.BytesPerBlock);
            long offset = stream.Position;
            stream.ReadExactly(part);
            Decode(part, header.Encoding, values);
            int bad = IndexOfNotFinite(values.AsSpan(0, blocks * header.Channels));
            if (bad >= 0)
                throw WavHeaderReader.Invalid(file, offset + (long)bad * header.BytesPerSample, $"the sample is {values[bad]}; samples must be finite");
            Mix(values, header.Channels, channel, samples.AsSpan(done, blocks));
            done += blocks;
        }

        return samples;
    }

    /// <summary>The index of the first value that is NaN or infinite; -1 where there is none.</summary>
    public static int IndexOfNotFinite(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }

        return -1;
    }

    private static void Decode(ReadOnlySpan<byte> bytes, WavEncoding encoding, Span<float> values)
    {
        switch (encoding)
        {
            case WavEncoding.Unsigned8:
                for (int i = 0; i < bytes.Length; i++)
                    values[i] = (bytes[i] - 128) / 128f;
                break;
            case WavEncoding.Signed16:
                for (int i = 0; i < bytes.Length / 2; i++)
                    values[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) / 32_768f;
                break;
            case WavEncoding.Signed24:
                for (int i = 0; i < bytes.Length / 3; i++)
                    values[i] = ((bytes[3 * i] << 8 | bytes[3 * i + 1] << 16 | bytes[3 * i + 2] << 24) >> 8) / 8_388_608f;
                break;
            case WavEncoding.Signed32:
                for (int i = 0; i < bytes.Length / 4; i++)
                    values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]) / 2_147_483_648f;
                break;
            case WavEncoding.Float32:
                for (int i = 0; i < bytes.Length / 4; i++)
                    values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                break;
            default:
                for (int i = 0; i < bytes.Length / 8; i++)
                    values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                break;
        }
    }

    private static void Mix(ReadOnlySpan<float> values, int channels, int? channel, Span<float> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            ReadOnlySpan<float> block = values.Slice(i * channels, channels);
            if (channel is { } one)
            {
                samples[i] = block[one];
                continue;
            }

            double sum = 0;
            foreach (float value in block)
                sum += value;
            samples[i] = (float)(sum / channels);
        }
    }
}

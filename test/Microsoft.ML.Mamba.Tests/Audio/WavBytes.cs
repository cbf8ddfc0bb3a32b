using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Mamba.Tests.Support;

namespace Microsoft.ML.Mamba.Tests.Audio;

/// <summary>
/// Writes WAV files byte by byte, valid or not; offsets in tests are those of this layout: RIFF 0, fmt 12, data 36 (with a fmt chunk of 16
/// bytes).
/// </summary>
internal sealed class WavBytes
{
    public string Riff { get; set; } = "RIFF";

    public string Wave { get; set; } = "WAVE";

    public int Tag { get; set; } = 1;

    public int Channels { get; set; } = 1;

    public uint Rate { get; set; } = 8000;

    public int Bits { get; set; } = 16;

    public int? Block { get; set; }

    public byte[] Samples { get; set; } = [];

    public uint? RiffSize { get; set; }

    public uint? DataSize { get; set; }

    /// <summary>What the fmt chunk has behind its 16 bytes.</summary>
    public byte[] FormatExtension { get; set; } = [];

    /// <summary>Whole chunks, with header, before the fmt chunk and between it and the data chunk.</summary>
    public byte[] Before { get; set; } = [];

    public byte[] Between { get; set; } = [];

    public byte[] After { get; set; } = [];

    public static WavBytes OfShorts(params short[] samples) => new() { Samples = [.. samples.SelectMany(BitConverter.GetBytes)] };

    public static WavBytes OfFloats(params float[] samples) => new() { Tag = 3, Bits = 32, Samples = [.. samples.SelectMany(BitConverter.GetBytes)] };

    public static byte[] Chunk(string id, byte[] content, uint? size = null)
    {
        byte[] header = [.. Encoding.ASCII.GetBytes(id), 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), size ?? (uint)content.Length);
        return content.Length % 2 == 0 ? [.. header, .. content] : [.. header, .. content, 0];
    }

    public byte[] ToArray()
    {
        int block = Block ?? Channels * (Bits / 8);
        byte[] format =
        [
            .. BitConverter.GetBytes((ushort)Tag), .. BitConverter.GetBytes((ushort)Channels), .. BitConverter.GetBytes(Rate),
            .. BitConverter.GetBytes((uint)(Rate * block)), .. BitConverter.GetBytes((ushort)block), .. BitConverter.GetBytes((ushort)Bits), .. FormatExtension,
        ];
        byte[] content = [.. Before, .. Chunk("fmt ", format), .. Between, .. Chunk("data", Samples, DataSize), .. After];
        byte[] riff = [.. Encoding.ASCII.GetBytes(Riff), 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(Wave), .. content];
        BinaryPrimitives.WriteUInt32LittleEndian(riff.AsSpan(4), RiffSize ?? (uint)(riff.Length - 8));
        return riff;
    }

    public string Write(TempFolder folder, string name = "a.wav")
    {
        string path = folder.PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, ToArray());
        return path;
    }
}

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// The 256 bytes at the start of a model stream. Behind them lie, without gaps: the model's own bytes, the ends of its strings
/// (Int64 each), their UTF-16 characters, the loader's assembly name in UTF-16, and a closing signature. Offsets count from the header.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
internal struct ModelHeader
{
    public const int Size = 0x100;
    public const ulong SignatureValue = 0x4C45444F4D004C4DUL;
    public const ulong TailSignatureValue = 0x4D4C004D4F44454CUL;

    private const uint FirstVersion = 0x00010001;
    private const uint AssemblyNameVersion = 0x00010002;

    public ulong Signature;
    public uint VerWritten;
    public uint VerReadable;
    public long FpModel;
    public long CbModel;
    public long FpStringTable;
    public long CbStringTable;
    public long FpStringChars;
    public long CbStringChars;
    public ulong ModelSignature;
    public uint ModelVerWritten;
    public uint ModelVerReadable;
    public ulong LoaderSignature0;
    public ulong LoaderSignature1;
    public ulong LoaderSignature2;
    public ulong LoaderSignatureAlt0;
    public ulong LoaderSignatureAlt1;
    public ulong LoaderSignatureAlt2;
    public long FpTail;
    public long FpLim;
    public long FpAssemblyName;
    public uint CbAssemblyName;

    public static void BeginWrite(BinaryWriter writer, out long fpMin, out ModelHeader header)
    {
        Contracts.CheckValue(writer, nameof(writer));
        fpMin = writer.BaseStream.Position;
        header = new ModelHeader
        {
            Signature = SignatureValue,
            VerWritten = AssemblyNameVersion,
            VerReadable = AssemblyNameVersion,
            FpModel = Size,
        };
        writer.Write(new byte[Size]);
    }

    public static void SetVersionInfo(ref ModelHeader header, VersionInfo ver)
    {
        header.ModelSignature = ver.ModelSignature;
        header.ModelVerWritten = ver.VerWrittenCur;
        header.ModelVerReadable = ver.VerReadableCur;
        (header.LoaderSignature0, header.LoaderSignature1, header.LoaderSignature2) = PackName(ver.LoaderSignature);
        (header.LoaderSignatureAlt0, header.LoaderSignatureAlt1, header.LoaderSignatureAlt2) = PackName(ver.LoaderSignatureAlt);
    }

    internal static void EndWrite(
        BinaryWriter writer, long fpMin, ref ModelHeader header, IReadOnlyList<string> strings, string loaderAssemblyName)
    {
        long Position() => writer.BaseStream.Position - fpMin;

        writer.Flush();
        header.CbModel = Position() - header.FpModel;
        Contracts.Check(header.CbModel >= 0);
        if (strings.Count > 0)
        {
            header.FpStringTable = Position();
            header.CbStringTable = sizeof(long) * (long)strings.Count;
            header.FpStringChars = header.FpStringTable + header.CbStringTable;
            foreach (string text in strings)
            {
                header.CbStringChars += sizeof(char) * (long)text.Length;
                writer.Write(header.CbStringChars);
            }
            foreach (string text in strings)
                writer.Write(MemoryMarshal.AsBytes(text.AsSpan()));
        }
        if (!string.IsNullOrEmpty(loaderAssemblyName))
        {
            header.FpAssemblyName = Position();
            header.CbAssemblyName = sizeof(char) * (uint)loaderAssemblyName.Length;
            writer.Write(MemoryMarshal.AsBytes(loaderAssemblyName.AsSpan()));
        }
        header.FpTail = Position();
        writer.Write(TailSignatureValue);
        header.FpLim = Position();

        writer.BaseStream.Position = fpMin;
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ModelHeader>(in header)));
        writer.BaseStream.Position = fpMin + header.FpLim;
    }

    public static void BeginRead(
        out long fpMin, out ModelHeader header, out string[] strings, out string loaderAssemblyName, BinaryReader reader)
    {
        Stream stream = reader.BaseStream;
        fpMin = stream.Position;
        byte[] bytes = reader.ReadBytes(Size);
        Contracts.CheckDecode(bytes.Length == Size);
        header = MemoryMarshal.Read<ModelHeader>(bytes);
        header.Validate(stream.Length - fpMin);
        strings = header.ReadStrings(reader, fpMin);
        loaderAssemblyName = null;
        if (header.VerWritten >= AssemblyNameVersion)
        {
            // The real package cannot read a model that has bytes, but neither strings nor an assembly name; nor must this.
            Contracts.CheckDecode(header.FpStringTable != 0 || header.FpAssemblyName != 0 || header.CbModel == 0);
            if (header.FpAssemblyName != 0)
            {
                stream.Position = fpMin + header.FpAssemblyName;
                loaderAssemblyName = ReadText(reader, header.CbAssemblyName);
            }
        }
        stream.Position = fpMin + header.FpTail;
        Contracts.CheckDecode(reader.ReadUInt64() == TailSignatureValue, "Corrupt model file tail");
        stream.Position = fpMin + header.FpModel;
    }

    public static void EndRead(long fpMin, ref ModelHeader header, BinaryReader reader)
    {
        Contracts.CheckDecode(header.FpModel + header.CbModel == reader.BaseStream.Position - fpMin);
        reader.BaseStream.Position = fpMin + header.FpLim;
    }

    public static void CheckVersionInfo(ref ModelHeader header, VersionInfo ver)
    {
        Contracts.CheckDecode(header.ModelSignature == ver.ModelSignature, "Unknown file type");
        Contracts.CheckDecode(header.ModelVerReadable <= header.ModelVerWritten, "Corrupt file header");
        if (header.ModelVerReadable > ver.VerWrittenCur)
        {
            throw Contracts.ExceptDecode(
                "Component '{0}' of the model is too new: it needs version {1}, and this program reads up to {2}.",
                ver.LoaderSignature, header.ModelVerReadable, ver.VerWrittenCur);
        }
        if (header.ModelVerWritten < ver.VerWeCanReadBack)
        {
            throw Contracts.ExceptDecode(
                "Component '{0}' of the model is too old: it has version {1}, and this program reads from {2} on.",
                ver.LoaderSignature, header.ModelVerWritten, ver.VerWeCanReadBack);
        }
    }

    public static string GetLoaderSig(ref ModelHeader header)
    {
        return UnpackName([header.LoaderSignature0, header.LoaderSignature1, header.LoaderSignature2]);
    }

    public static string GetLoaderSigAlt(ref ModelHeader header)
    {
        return UnpackName([header.LoaderSignatureAlt0, header.LoaderSignatureAlt1, header.LoaderSignatureAlt2]);
    }

    private static (ulong First, ulong Second, ulong Third) PackName(string name)
    {
        Contracts.Check((name?.Length ?? 0) <= 24);
        Contracts.Check((name ?? "").All(letter => letter <= 0xFF));
        byte[] bytes = new byte[24];
        Encoding.Latin1.GetBytes(name ?? "", bytes);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        return (words[0], words[1], words[2]);
    }

    private static string UnpackName(ReadOnlySpan<ulong> words) => Encoding.Latin1.GetString(MemoryMarshal.AsBytes(words)).TrimEnd('\0');

    private static string ReadText(BinaryReader reader, long byteCount)
    {
        Contracts.CheckDecode(byteCount <= int.MaxValue);
        byte[] bytes = reader.ReadBytes((int)byteCount);
        Contracts.CheckDecode(bytes.Length == byteCount);
        // Not through a decoder: a lone surrogate has to survive.
        return new string(MemoryMarshal.Cast<byte, char>(bytes));
    }

    private readonly void Validate(long available)
    {
        Contracts.CheckDecode(Signature == SignatureValue, "Wrong file type");
        Contracts.CheckDecode(VerReadable <= VerWritten, "Corrupt file header");
        Contracts.CheckDecode(VerReadable <= AssemblyNameVersion, "File is too new");
        Contracts.CheckDecode(VerWritten >= FirstVersion, "File is too old");
        Contracts.CheckDecode(FpModel == Size && CbModel >= 0 && CbModel <= available);
        long end = FpModel + CbModel;
        if (FpStringTable == 0)
        {
            Contracts.CheckDecode(CbStringTable == 0 && FpStringChars == 0 && CbStringChars == 0);
        }
        else
        {
            Contracts.CheckDecode(FpStringTable == end);
            Contracts.CheckDecode(CbStringTable > 0 && CbStringTable % sizeof(long) == 0 && CbStringTable <= available);
            Contracts.CheckDecode(FpStringChars == FpStringTable + CbStringTable);
            Contracts.CheckDecode(CbStringChars >= 0 && CbStringChars % sizeof(char) == 0 && CbStringChars <= available);
            end = FpStringChars + CbStringChars;
        }
        if (VerWritten >= AssemblyNameVersion)
        {
            Contracts.CheckDecode(FpAssemblyName == 0 ? CbAssemblyName == 0 : FpAssemblyName == end && CbAssemblyName % sizeof(char) == 0);
            end += CbAssemblyName;
        }
        Contracts.CheckDecode(FpTail == end);
        Contracts.CheckDecode(FpLim == FpTail + sizeof(ulong));
        Contracts.CheckDecode(available >= FpLim);
    }

    private readonly string[] ReadStrings(BinaryReader reader, long fpMin)
    {
        if (FpStringTable == 0)
            return null;
        reader.BaseStream.Position = fpMin + FpStringTable;
        long[] ends = new long[checked((int)(CbStringTable / sizeof(long)))];
        for (int i = 0; i < ends.Length; i++)
            ends[i] = reader.ReadInt64();
        Contracts.CheckDecode(ends[^1] == CbStringChars);
        string[] strings = new string[ends.Length];
        long start = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            Contracts.CheckDecode(start <= ends[i] && ends[i] <= CbStringChars && ends[i] % sizeof(char) == 0);
            strings[i] = ReadText(reader, ends[i] - start);
            start = ends[i];
        }
        return strings;
    }
}

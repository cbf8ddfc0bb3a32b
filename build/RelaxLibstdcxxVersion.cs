using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks a version that a shared library (ELF, 64 bits, little-endian) needs of another as weak, if the system's libstdc++ lacks it: the loader then
/// goes on without it. Only right where no symbol of that version is used. The file is replaced, not written to: it may be a hard link.
/// </summary>
public sealed class RelaxLibstdcxxVersion : Task
{
    private const int SectionHeaderSize = 64;
    private const uint VersionNeeds = 0x6ffffffe;
    private const ushort Weak = 2;
    private static readonly string[] SystemLibraries = { "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/lib64/libstdc++.so.6", "/usr/lib/libstdc++.so.6" };

    [Required]
    public string Library { get; set; }

    [Required]
    public string Version { get; set; }

    public override bool Execute()
    {
        string system = Array.Find(SystemLibraries, File.Exists);
        if (system == null || Contains(File.ReadAllBytes(system), Encoding.ASCII.GetBytes(Version + "\0")))
            return true;
        byte[] file = File.ReadAllBytes(Library);
        if (!Relax(file))
            return true;
        string temporary = Library + ".relaxed";
        File.WriteAllBytes(temporary, file);
        File.Delete(Library);
        File.Move(temporary, Library);
        Log.LogMessage(MessageImportance.High, "{0} lacks {1}: made optional in {2}, for tests only.", system, Version, Library);
        return true;
    }

    private bool Relax(byte[] file)
    {
        int sections = (int)BitConverter.ToInt64(file, 0x28), count = BitConverter.ToUInt16(file, 0x3c);
        bool changed = false;
        for (int i = 0; i < count; i++)
        {
            int header = sections + i * SectionHeaderSize;
            if (BitConverter.ToUInt32(file, header + 4) != VersionNeeds)
                continue;
            int strings = (int)BitConverter.ToInt64(file, sections + (int)BitConverter.ToUInt32(file, header + 40) * SectionHeaderSize + 24);
            changed |= RelaxSection(file, (int)BitConverter.ToInt64(file, header + 24), strings);
        }

        return changed;
    }

    // A chain of needed libraries (count at 2, first version at 8, next library at 12), each with a chain of versions (flags at 4, name at 8, next at 12).
    private bool RelaxSection(byte[] file, int need, int strings)
    {
        bool changed = false;
        while (true)
        {
            int version = need + (int)BitConverter.ToUInt32(file, need + 8);
            for (int left = BitConverter.ToUInt16(file, need + 2); left > 0; left--)
            {
                int name = strings + (int)BitConverter.ToUInt32(file, version + 8);
                ushort flags = BitConverter.ToUInt16(file, version + 4);
                if ((flags & Weak) == 0 && Encoding.ASCII.GetString(file, name, Version.Length + 1) == Version + "\0")
                {
                    file[version + 4] = (byte)(flags | Weak);
                    changed = true;
                }

                version += (int)BitConverter.ToUInt32(file, version + 12);
            }

            int next = (int)BitConverter.ToUInt32(file, need + 12);
            if (next == 0)
                return changed;
            need += next;
        }
    }

    private static bool Contains(byte[] file, byte[] text)
    {
        for (int i = 0; i + text.Length <= file.Length; i++)
        {
            int k = 0;
            while (k < text.Length && file[i + k] == text[k])
                k++;
            if (k == text.Length)
                return true;
        }

        return false;
    }
}

using System;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies an assembly with its internal types and members made public, by rewriting the accessibility bits of the ECMA-335
/// TypeDef, Field and MethodDef tables in place. Private and protected internal members stay as they are.
/// It reads the tables itself because an inline task can reference nothing beyond the base library.
/// </summary>
public class PublicizeAssembly : Task
{
    private const int VisibilityMask = 7;

    [Required] public string Input { get; set; }

    [Required] public string Output { get; set; }

    /// <summary>Top-level types outside this namespace (helpers that the compiler embeds, say) are left alone.</summary>
    [Required] public string NamespacePrefix { get; set; }

    public override bool Execute()
    {
        byte[] image = File.ReadAllBytes(Input);
        var tables = new MetadataTables(image);
        for (int row = 0; row < tables.TypeCount; row++)
        {
            if (!IsOurs(tables, row))
                continue;
            OpenType(image, tables.TypeAt(row));
            for (int field = tables.FirstField(row); field < tables.FirstField(row + 1); field++)
                OpenMember(image, tables.FieldAt(field));
            for (int method = tables.FirstMethod(row); method < tables.FirstMethod(row + 1); method++)
                OpenMember(image, tables.MethodFlagsAt(method));
        }

        // An unchanged copy keeps its time stamp, so that nothing is compiled again.
        if (!File.Exists(Output) || !image.SequenceEqual(File.ReadAllBytes(Output)))
            File.WriteAllBytes(Output, image);
        return true;
    }

    private bool IsOurs(MetadataTables tables, int row)
    {
        if (tables.TypeName(row).StartsWith("<", StringComparison.Ordinal))
            return false;
        if (tables.IsNested(row))
            return true;
        string space = tables.TypeNamespace(row);
        return space == NamespacePrefix || space.StartsWith(NamespacePrefix + ".", StringComparison.Ordinal);
    }

    private static void OpenType(byte[] image, int at)
    {
        // NotPublic 0 -> Public 1; NestedAssembly 5 and NestedFamANDAssem 6 -> NestedPublic 2.
        int visibility = image[at] & VisibilityMask;
        if (visibility == 0)
            image[at] |= 1;
        else if (visibility == 5 || visibility == 6)
            image[at] = (byte)(image[at] & ~VisibilityMask | 2);
    }

    private static void OpenMember(byte[] image, int at)
    {
        // FamANDAssem 2 and Assembly 3 -> Public 6.
        int access = image[at] & VisibilityMask;
        if (access == 2 || access == 3)
            image[at] = (byte)(image[at] & ~VisibilityMask | 6);
    }
}

/// <summary>Finds the rows of the TypeDef, Field and MethodDef tables in an assembly's bytes (ECMA-335, II.22 to II.25). Rows count from 0.</summary>
internal sealed class MetadataTables
{
    private const int TypeRef = 1, TypeDef = 2, FieldPtr = 3, Field = 4, MethodPtr = 5, MethodDef = 6;
    private const int ModuleRef = 0x1a, TypeSpec = 0x1b, AssemblyRef = 0x23;

    private readonly byte[] _image;
    private readonly int _strings;
    private readonly int _stringSize;
    private readonly int _extendsSize;
    private readonly int _fieldListSize;
    private readonly int _methodListSize;
    private readonly int[] _rows = new int[64];
    private readonly int[] _start = new int[MethodDef + 1];
    private readonly int[] _rowSize;

    public MetadataTables(byte[] image)
    {
        _image = image;
        int pe = Int32(0x3c), optional = pe + 24;
        // Data directories start 96 bytes into a PE32 optional header, 112 into a PE32+ one; number 14 is the CLI header.
        int directories = optional + (UInt16(optional) == 0x20b ? 112 : 96);
        int sections = optional + UInt16(pe + 20), sectionCount = UInt16(pe + 6);
        int cli = FileOffset(Int32(directories + 14 * 8), sections, sectionCount);
        int root = FileOffset(Int32(cli + 8), sections, sectionCount);

        int at = root + 16 + Int32(root + 12), tables = 0;
        int streams = UInt16(at + 2);
        at += 4;
        for (int i = 0; i < streams; i++)
        {
            int offset = root + Int32(at);
            string name = ZeroTerminated(at + 8);
            if (name == "#~")
                tables = offset;
            else if (name == "#Strings")
                _strings = offset;
            at += 8 + (name.Length / 4 + 1) * 4;
        }

        int heapSizes = image[tables + 6];
        _stringSize = (heapSizes & 1) != 0 ? 4 : 2;
        int guidSize = (heapSizes & 2) != 0 ? 4 : 2, blobSize = (heapSizes & 4) != 0 ? 4 : 2;
        ulong valid = BitConverter.ToUInt64(image, tables + 8);
        at = tables + 24;
        for (int table = 0; table < 64; table++)
        {
            if ((valid >> table & 1) == 0)
                continue;
            _rows[table] = Int32(at);
            at += 4;
        }

        _fieldListSize = IndexSize(_rows[FieldPtr] > 0 ? FieldPtr : Field);
        _methodListSize = IndexSize(_rows[MethodPtr] > 0 ? MethodPtr : MethodDef);
        _extendsSize = CodedSize(2, TypeDef, TypeRef, TypeSpec);
        _rowSize = new[]
        {
            2 + _stringSize + 3 * guidSize,
            CodedSize(2, 0, ModuleRef, AssemblyRef, TypeRef) + 2 * _stringSize,
            4 + 2 * _stringSize + _extendsSize + _fieldListSize + _methodListSize,
            IndexSize(Field),
            2 + _stringSize + blobSize,
            IndexSize(MethodDef),
            8 + _stringSize + blobSize + IndexSize(8),
        };
        for (int table = 0; table <= MethodDef; table++)
        {
            _start[table] = at;
            at += _rowSize[table] * _rows[table];
        }
    }

    public int TypeCount => _rows[TypeDef];

    public int TypeAt(int row) => _start[TypeDef] + row * _rowSize[TypeDef];

    public int FieldAt(int row) => _start[Field] + row * _rowSize[Field];

    // A MethodDef row starts with the 4-byte RVA and 2 bytes of implementation flags.
    public int MethodFlagsAt(int row) => _start[MethodDef] + row * _rowSize[MethodDef] + 6;

    public bool IsNested(int row) => (_image[TypeAt(row)] & 7) >= 2;

    public string TypeName(int row) => Name(TypeAt(row) + 4);

    public string TypeNamespace(int row) => Name(TypeAt(row) + 4 + _stringSize);

    public int FirstField(int row) => row < TypeCount ? Index(TypeAt(row) + 4 + 2 * _stringSize + _extendsSize, _fieldListSize) - 1 : _rows[Field];

    public int FirstMethod(int row) =>
        row < TypeCount ? Index(TypeAt(row) + 4 + 2 * _stringSize + _extendsSize + _fieldListSize, _methodListSize) - 1 : _rows[MethodDef];

    private int FileOffset(int rva, int sections, int count)
    {
        for (int section = sections; section < sections + 40 * count; section += 40)
        {
            int start = Int32(section + 12), size = Math.Max(Int32(section + 8), Int32(section + 16));
            if (rva >= start && rva < start + size)
                return rva - start + Int32(section + 20);
        }

        throw new BadImageFormatException("An address of the CLI header lies in no section.");
    }

    private int IndexSize(int table) => _rows[table] > 0xffff ? 4 : 2;

    private int CodedSize(int tagBits, params int[] tables)
    {
        foreach (int table in tables)
        {
            if (_rows[table] >= 1 << (16 - tagBits))
                return 4;
        }

        return 2;
    }

    private string Name(int at) => ZeroTerminated(_strings + Index(at, _stringSize));

    private string ZeroTerminated(int at) => Encoding.UTF8.GetString(_image, at, Array.IndexOf(_image, (byte)0, at) - at);

    private int Index(int at, int size) => size == 4 ? Int32(at) : UInt16(at);

    private int UInt16(int at) => BitConverter.ToUInt16(_image, at);

    private int Int32(int at) => BitConverter.ToInt32(_image, at);
}

using System;
using System.IO;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies an assembly with its internal types and members made public, by rewriting the accessibility bits of the ECMA-335
/// TypeDef, Field and MethodDef tables in place. Private and protected internal members stay as they are.
/// </summary>
public class PublicizeAssembly : Task
{
    private const int VisibilityMask = 7;
    private const int MemberFamilyAndAssembly = 2, MemberAssembly = 3, MemberPublic = 6;

    [Required] public string Input { get; set; }

    [Required] public string Output { get; set; }

    /// <summary>Top-level types outside this namespace (embedded helpers of the compiler, say) are left alone.</summary>
    [Required] public string NamespacePrefix { get; set; }

    public override bool Execute()
    {
        byte[] image = File.ReadAllBytes(Input);
        if (File.Exists(Output) && File.GetLastWriteTimeUtc(Output) >= File.GetLastWriteTimeUtc(Input))
            return true;

        using (var pe = new PEReader(new MemoryStream(image)))
        {
            MetadataReader metadata = pe.GetMetadataReader();
            int start = pe.PEHeaders.MetadataStartOffset;
            foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
            {
                TypeDefinition type = metadata.GetTypeDefinition(handle);
                if (!IsOurs(metadata, type))
                    continue;
                OpenType(image, start + RowOffset(metadata, TableIndex.TypeDef, MetadataTokens.GetRowNumber(handle)));
                foreach (FieldDefinitionHandle field in type.GetFields())
                    OpenMember(image, start + RowOffset(metadata, TableIndex.Field, MetadataTokens.GetRowNumber(field)));
                // A MethodDef row starts with the 4-byte RVA and 2 bytes of implementation flags.
                foreach (MethodDefinitionHandle method in type.GetMethods())
                    OpenMember(image, start + RowOffset(metadata, TableIndex.MethodDef, MetadataTokens.GetRowNumber(method)) + 6);
            }
        }

        File.WriteAllBytes(Output, image);
        return true;
    }

    private bool IsOurs(MetadataReader metadata, TypeDefinition type)
    {
        if (metadata.GetString(type.Name).StartsWith("<", StringComparison.Ordinal))
            return false;
        TypeDefinition outer = type;
        while (!outer.GetDeclaringType().IsNil)
            outer = metadata.GetTypeDefinition(outer.GetDeclaringType());
        string space = metadata.GetString(outer.Namespace);
        return space == NamespacePrefix || space.StartsWith(NamespacePrefix + ".", StringComparison.Ordinal);
    }

    private static int RowOffset(MetadataReader metadata, TableIndex table, int row) =>
        metadata.GetTableMetadataOffset(table) + (row - 1) * metadata.GetTableRowSize(table);

    private static void OpenType(byte[] image, int at)
    {
        // NotPublic 0 -> Public 1; NestedAssembly 5 and NestedFamilyAndAssembly 6 -> NestedPublic 2.
        int visibility = image[at] & VisibilityMask;
        if (visibility == 0)
            image[at] |= 1;
        else if (visibility == 5 || visibility == 6)
            image[at] = (byte)(image[at] & ~VisibilityMask | 2);
    }

    private static void OpenMember(byte[] image, int at)
    {
        int access = image[at] & VisibilityMask;
        if (access == MemberFamilyAndAssembly || access == MemberAssembly)
            image[at] = (byte)(image[at] & ~VisibilityMask | MemberPublic);
    }
}

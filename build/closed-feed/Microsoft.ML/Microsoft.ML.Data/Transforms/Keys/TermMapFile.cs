namespace Microsoft.ML.Transforms;

/// <summary>
/// A term map in a model: text terms as a list of strings, others behind the name of their codec and its parameters.
/// </summary>
internal static class TermMapFile
{
    private const byte TextKind = 0;
    private const byte CodecKind = 1;

    public static void Save(ModelSaveContext ctx, TermMap map)
    {
        if (map is TermMap<ReadOnlyMemory<char>> text)
        {
            ctx.Writer.Write(TextKind);
            ctx.Writer.Write(text.Count);
            foreach (ReadOnlyMemory<char> term in text.Terms)
                ctx.SaveNonEmptyString(term.ToString());
            return;
        }
        ValueCodec codec = ValueCodecs.FindOrNull(map.ItemType) ?? throw NotCovered.Error($"Saving terms of type '{map.ItemType}'");
        ctx.Writer.Write(CodecKind);
        codec.WriteDefinition(ctx.Writer);
        ctx.Writer.Write(map.Count);
        Generic.Call(typeof(TermMapFile), nameof(SaveTerms), null, map.ItemType.RawType, ctx.Writer, codec, map);
    }

    public static TermMap Load(ModelLoadContext ctx)
    {
        byte kind = ctx.Reader.ReadByte();
        Contracts.CheckDecode(kind is TextKind or CodecKind);
        if (kind == TextKind)
        {
            int terms = ctx.Reader.ReadInt32();
            Contracts.CheckDecode(terms >= 0);
            var texts = new List<ReadOnlyMemory<char>>();
            for (int i = 0; i < terms; i++)
                texts.Add(ctx.LoadNonEmptyString().AsMemory());
            return new TermMap<ReadOnlyMemory<char>>(TextDataViewType.Instance, texts.ToArray());
        }
        ValueCodec codec = ValueCodecs.ReadDefinitionOrNull(ctx.Reader) ?? throw NotCovered.Error("Loading terms of this kind");
        Contracts.CheckDecode(codec.Type is PrimitiveDataViewType);
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count >= 0);
        return (TermMap)Generic.Call(typeof(TermMapFile), nameof(LoadTerms), null, codec.Type.RawType, ctx.Reader, codec, count);
    }

    private static void SaveTerms<T>(BinaryWriter writer, ValueCodec codec, TermMap map)
        => ((ValueCodec<T>)codec).Write(writer, ((TermMap<T>)map).Terms);

    private static TermMap LoadTerms<T>(BinaryReader reader, ValueCodec codec, int count)
        => new TermMap<T>((PrimitiveDataViewType)codec.Type, ((ValueCodec<T>)codec).Read(reader, count));

    /// <summary>The readable listing that lies beside the binary one.</summary>
    public static void WriteText(TextWriter writer, TermMap map)
    {
        if (map is TermMap<ReadOnlyMemory<char>>)
            writer.WriteLine($"# Number of terms = {map.Count}");
        else
            writer.WriteLine($"# Number of terms of type '{map.ItemType}' = {map.Count}");
        Generic.Call(typeof(TermMapFile), nameof(WriteTerms), null, map.ItemType.RawType, writer, map);
    }

    private static void WriteTerms<T>(TextWriter writer, TermMap map)
    {
        Func<T, string> write = ValueText.WriterFor<T>(map.ItemType);
        ReadOnlySpan<T> terms = ((TermMap<T>)map).Terms;
        for (int i = 0; i < terms.Length; i++)
            writer.WriteLine($"{i}\t{write(terms[i])}");
    }
}

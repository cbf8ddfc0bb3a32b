using Microsoft.ML.Data;

namespace Microsoft.ML.Mamba.Data;

/// <summary>The columns of a view to train on, checked against the options.</summary>
internal sealed record TrainingColumns(DataViewSchema.Column Label, int Classes, DataViewSchema.Column Sequence, SequenceFormat Format)
{
    /// <exception cref="ArgumentException">A column is missing or of a type that does not do; the message names it.</exception>
    public static TrainingColumns Of(DataViewSchema schema, MambaClassificationOptions options)
    {
        DataViewSchema.Column label = schema.GetColumnOrNull(options.LabelColumnName) ?? throw Missing(options.LabelColumnName, "label");
        DataViewSchema.Column sequence = schema.GetColumnOrNull(options.SequenceColumnName) ?? throw Missing(options.SequenceColumnName, "sequence");
        int classes = LabelReader.ClassesOf(label);
        SequenceFormat format = SequenceFormat.Of(sequence.Name, sequence.Type, options.InputChannels);
        CheckOptions(format.Kind, sequence.Type, options);
        return new TrainingColumns(label, classes, sequence, format);
    }

    public static ArgumentOutOfRangeException Missing(string column, string role) =>
        new("input", column, $"The data has no column '{column}', which was named as the {role} column.");

    /// <summary>Checks that options that are for one kind of sequences only are not set for another.</summary>
    public static void CheckOptions(SequenceKind kind, object type, MambaClassificationOptions options)
    {
        string column = $"column '{options.SequenceColumnName}' of type {type}";
        if (kind != SequenceKind.Text && (options.Tokenizer is not null || options.CustomTokenizer is not null))
            throw new ArgumentException($"Tokenizer and CustomTokenizer are for text; {column} needs none.");
        if (kind != SequenceKind.Frames && options.InputChannels is not null)
            throw new ArgumentException($"InputChannels is for vectors of Single; {column} is none.");
        if (kind != SequenceKind.Frames && (options.MissingValues != MissingValues.Error || options.FrameNormalization is not null))
            throw new ArgumentException($"MissingValues and FrameNormalization are for vectors of Single; {column} is none.");
        if (kind != SequenceKind.Frames && (options.PatchLength is not null || options.PatchStride is not null))
            throw new ArgumentException($"PatchLength and PatchStride are for vectors of Single; {column} is none.");
        if (kind != SequenceKind.Integers && options.VocabularySize is not null)
            throw new ArgumentException($"VocabularySize is for vectors of integers; {column} is none.");
        bool fits = options.Modality switch
        {
            MambaModality.Dna or MambaModality.Text => kind == SequenceKind.Text,
            MambaModality.Frames => kind == SequenceKind.Frames,
            MambaModality.Tokens => kind is SequenceKind.Keys or SequenceKind.Integers,
            _ => true,
        };
        if (!fits)
            throw new ArgumentException($"Modality = {options.Modality} needs {Needed(options.Modality)}; {column} is none.");
    }

    private static string Needed(MambaModality modality) => modality switch
    {
        MambaModality.Frames => "a vector of Single",
        MambaModality.Tokens => "a vector of keys or integers",
        _ => "a text column",
    };
}

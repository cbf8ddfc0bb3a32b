namespace Microsoft.ML.Data;

/// <summary>How lines are cut into fields: the loader's options, checked.</summary>
internal sealed class TextFormat
{
    public TextFormat(TextLoader.Options options)
    {
        AllowSparse = options.AllowSparse;
        AllowQuoting = options.AllowQuoting;
        ReadMultilines = options.AllowQuoting && options.ReadMultilines;
        TrimWhitespace = options.TrimWhitespace;
        MissingRealsAsNaNs = options.MissingRealsAsNaNs;
        DecimalMarker = options.DecimalMarker;
        EscapeChar = options.EscapeChar;
        Contracts.CheckParam(options.Separators?.Length > 0, "Separator", "Must specify a separator");
        Separators = options.Separators.Distinct().ToArray();
        foreach (char separator in Separators)
            CheckSeparator(separator);
        Contracts.CheckParam(
            DecimalMarker is '.' or ',',
            nameof(DecimalMarker),
            $"Decimal marker cannot be the '{DecimalMarker}' character. It must be '.' or ','.");
        Contracts.CheckParam(
            AllowQuoting || DecimalMarker != ',' || !Separators.Contains(','),
            nameof(AllowQuoting),
            "Quoting must be allowed if decimal marker and separator are the ',' character.");
        Contracts.CheckParam(
            !Separators.Contains(EscapeChar),
            nameof(EscapeChar),
            $"EscapeChar '{EscapeChar}' can't be used both as EscapeChar and separator");
        int size = options.InputSize ?? 0;
        Contracts.Check(size >= 0, "inputSize");
        InputSize = size;
    }

    public bool AllowSparse { get; }

    public bool AllowQuoting { get; }

    public bool ReadMultilines { get; }

    public bool TrimWhitespace { get; }

    public bool MissingRealsAsNaNs { get; }

    public char DecimalMarker { get; }

    public char EscapeChar { get; }

    public char[] Separators { get; }

    /// <summary>Fields in a line, or 0 where that is not stated.</summary>
    public int InputSize { get; }

    public bool IsSeparator(char letter) => Array.IndexOf(Separators, letter) >= 0;

    public bool SpaceSeparates => IsSeparator(' ');

    private void CheckSeparator(char separator)
    {
        Contracts.CheckParam(!(separator == ':' && AllowSparse), "Separator", "When the separator is colon, turn off allowSparse");
        bool legal = separator == '\t' || !(separator < ' ' || char.IsAsciiDigit(separator) || separator == '"');
        Contracts.CheckParam(legal, "Separator", $"Illegal separator: '{separator}'");
    }
}

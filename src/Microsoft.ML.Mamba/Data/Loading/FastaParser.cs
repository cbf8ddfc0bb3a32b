namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>
/// Reads FASTA: a header line that starts with <c>&gt;</c>, then lines of letters. Lines that start with <c>;</c> are comments; blank lines
/// mean nothing.
/// </summary>
internal sealed class FastaParser(LineReader lines, bool keepSequence, bool keepStop) : RecordParser(lines, keepSequence)
{
    private bool _atHeader;

    public override bool MoveNext()
    {
        if (!_atHeader && !FindFirstHeader())
            return false;
        Lines.Skip();
        ReadHeader();
        Sequence.Clear();
        _atHeader = false;
        while (!_atHeader && Lines.MoveNext())
        {
            int first = Lines.Peek();
            if (first == '>')
                _atHeader = true;
            else if (first != ';')
                ReadSequence();
        }

        if (!keepStop && Sequence.Last == '*')
            Sequence.RemoveLast();
        return true;
    }

    private bool FindFirstHeader()
    {
        while (MoveToText())
        {
            int first = Lines.Peek();
            if (first == '>')
                return true;
            if (first != ';')
                throw Lines.ProblemHere($"{Show(first)} comes before the first header; a line that starts with '>' is expected.");
        }

        return false;
    }
}

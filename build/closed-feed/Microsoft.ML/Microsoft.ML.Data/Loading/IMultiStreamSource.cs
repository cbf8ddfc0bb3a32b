namespace Microsoft.ML.Data;

/// <summary>Zero or more streams of one format, as if they were one.</summary>
public interface IMultiStreamSource
{
    int Count { get; }

    string GetPathOrNull(int index);

    Stream Open(int index);

    TextReader OpenTextReader(int index);
}

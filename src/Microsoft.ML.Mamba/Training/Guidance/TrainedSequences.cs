using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Training;

/// <summary>
/// Hashes of the sequences that a model was trained or validated on, by which a test set that overlaps with them is told. They live with
/// the transformer that was fitted and are not saved. Immutable and thread-safe.
/// </summary>
internal sealed class TrainedSequences
{
    private readonly IHost _host;
    private readonly HashSet<UInt128> _hashes;

    public TrainedSequences(IHost host, SequenceDataset rows)
    {
        _host = host;
        _hashes = new HashSet<UInt128>(rows.Count);
        for (int i = 0; i < rows.Count; i++)
            _hashes.Add(rows.IsTokens ? HashOf(rows.TokensOf(i)) : HashOf(rows.FramesOf(i)));
    }

    /// <summary>Warns, in the log too, where rows of a test set have sequences that were trained on; otherwise null.</summary>
    /// <param name="model">The model that was trained.</param>
    /// <param name="test">The test set's rows with the column that the model reads.</param>
    public string? WarnOf(ModelDefinition model, IDataView test)
    {
        if (!TryFind(test, model, out DataViewSchema.Column column))
            return null;
        (long count, long known) = (0, 0);
        using (DataViewRowCursor cursor = test.GetRowCursor([column]))
        {
            SequenceReader reader = model.ReaderOf(cursor, column);
            var rows = new PackedRows(model.Config.InputChannels);
            while (cursor.MoveNext())
            {
                rows.Clear();
                if (!reader.Append(rows))
                    continue;
                SequenceBatch row = rows.ToBatch();
                count++;
                known += _hashes.Contains(row.IsTokens ? HashOf(row.Tokens) : HashOf(row.Frames)) ? 1 : 0;
            }
        }

        if (DuplicateSequences.Warning(known, count, "test rows", "is in the training data", "the test") is not { } warning)
            return null;
        using IChannel channel = _host.Start("Test set of a report");
        channel.Warning(MessageSensitivity.UserData, warning);
        return warning;
    }

    // What follows the model in its chain may have taken the column away, or put another in its place.
    private static bool TryFind(IDataView test, ModelDefinition model, out DataViewSchema.Column column)
    {
        column = default;
        if (test.Schema.GetColumnOrNull(model.SequenceColumn) is not { } found)
            return false;
        column = found;
        try
        {
            model.CheckFormat(found);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static UInt128 HashOf<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(values), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}

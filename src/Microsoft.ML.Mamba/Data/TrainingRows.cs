using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Tokenization;
using Microsoft.ML.Mamba.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mamba.Data;

/// <summary>What was read from a view for training.</summary>
internal sealed record TrainingRows(SequenceDataset Data, long MissingLabels, long EmptySequences, long LongSequences, int LargestId);

/// <summary>Reads labelled rows of a view. The columns are looked up by name in each view.</summary>
internal sealed class TrainingRowReader(IHost host, MambaClassificationOptions options, SequenceFormat format, int classes)
{
    private const int RowsBetweenChecks = 256;

    private SequenceRules Rules => new(options.SequenceColumnName, options.MaxLength, options.Truncation, options.EmptySequences);

    /// <summary>Learns a tokenizer from the texts of all rows that have a label.</summary>
    public SequenceTokenizer LearnTokenizer(IDataView view, TokenizerOptions tokenizer)
    {
        var builder = new TokenizerBuilder(tokenizer);
        if (!tokenizer.LearnsVocabulary)
            return builder.Build();
        long rows = 0;
        Visit(view, (cursor, sequence, label) =>
        {
            ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(sequence);
            ReadOnlyMemory<char> text = default;
            return () =>
            {
                if (label() < 0)
                    return;
                rows++;
                getter(ref text);
                builder.Add(text.Span);
            };
        });
        return rows > 0 ? builder.Build() : throw NoRows("");
    }

    /// <summary>Reads the frames of all rows that have a label, as they are.</summary>
    public FrameStatistics LearnFrames(IDataView view)
    {
        var statistics = new FrameStatistics(format.Channels);
        // What becomes of missing values needs no statistics here: only whether they are allowed.
        MissingValues missing = options.MissingValues == MissingValues.Error ? MissingValues.Error : MissingValues.Zero;
        var allowed = new FramePreparation(format.Channels, missing, FrameNormalization.None, [], []);
        var row = new PackedRows(format.Channels);
        Visit(view, (cursor, sequence, label) =>
        {
            var reader = new FrameReader(cursor, sequence, Rules, allowed, statistics);
            return () =>
            {
                if (label() < 0)
                    return;
                row.Clear();
                reader.Append(row);
            };
        });
        return statistics;
    }

    /// <summary>Reads all rows that have a label.</summary>
    public TrainingRows Read(IDataView view, SequenceCoding coding)
    {
        SequenceDatasetBuilder builder = format.Channels == 0 ? SequenceDatasetBuilder.ForTokens() : SequenceDatasetBuilder.ForFrames(format.Channels);
        var row = new PackedRows(format.Channels);
        long missing = 0, empty = 0;
        int largest = -1;
        SequenceReader? reader = null;
        Visit(view, (cursor, sequence, label) =>
        {
            reader = SequenceReaders.Create(cursor, sequence, Rules, coding);
            return () =>
            {
                int target = label();
                if (target < 0)
                {
                    missing++;
                    return;
                }

                row.Clear();
                if (!reader.Append(row))
                {
                    empty++;
                    return;
                }

                SequenceBatch one = row.ToBatch();
                if (format.Channels > 0)
                {
                    builder.Add(one.Frames, target);
                    return;
                }

                builder.Add(one.Tokens, target);
                foreach (int id in one.Tokens)
                    largest = Math.Max(largest, id);
            };
        });
        return new TrainingRows(builder.Build(), missing, empty, reader!.LongRows, largest);
    }

    public InvalidOperationException NoRows(string detail) =>
        new($"There are no rows to train on with columns '{options.LabelColumnName}' and '{options.SequenceColumnName}'.{detail}");

    private void Visit(IDataView view, Func<DataViewRowCursor, DataViewSchema.Column, Func<int>, Action> prepare)
    {
        DataViewSchema.Column label = view.Schema[options.LabelColumnName], sequence = view.Schema[options.SequenceColumnName];
        using DataViewRowCursor cursor = view.GetRowCursor([label, sequence]);
        Action visit = prepare(cursor, sequence, LabelReader.Create(cursor, label, classes));
        for (long row = 0; cursor.MoveNext(); row++)
        {
            if (row % RowsBetweenChecks == 0)
            {
                host.CheckAlive();
                options.CancellationToken.ThrowIfCancellationRequested();
            }

            visit();
        }
    }
}

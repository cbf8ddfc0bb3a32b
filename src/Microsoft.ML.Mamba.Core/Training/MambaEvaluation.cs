namespace Microsoft.ML.Mamba.Training;

/// <summary>How well a model classifies a dataset.</summary>
/// <param name="Loss">Mean cross-entropy over the rows, in nats, without class weights or label smoothing.</param>
/// <param name="Accuracy">Share of the rows whose highest logit is the label's, 0 to 1.</param>
/// <param name="Count">Number of rows.</param>
public readonly record struct MambaEvaluation(double Loss, double Accuracy, int Count);

/// <summary>Runs a dataset through a model and measures the logits.</summary>
internal sealed class Evaluator
{
    /// <summary>A forward pass without dropout.</summary>
    public delegate void ForwardPass(SequenceBatch batch, Span<float> logits, CancellationToken cancellationToken);

    private readonly SequenceDataset _data;
    private readonly IReadOnlyList<int[]> _batches;
    private readonly int _classes;
    private readonly BatchBuffer _buffer = new();
    private float[] _logits = [];

    /// <summary>What the last <see cref="Run"/> gave, by label and prediction; null for many classes.</summary>
    public ClassConfusion? Confusion { get; private set; }

    public Evaluator(SequenceDataset data, MambaConfig config, int batchSize, int maxBatchTokens)
    {
        _data = data;
        _classes = config.NumClasses;
        _batches = new BatchPlanner(data, batchSize, maxBatchTokens, seed: 0, config: config).PlanInOrder();
    }

    public MambaEvaluation Run(ForwardPass forward, CancellationToken cancellationToken)
    {
        double loss = 0;
        int right = 0;
        int[]? confusion = _classes <= ClassConfusion.MaxClasses ? new int[_classes * _classes] : null;
        foreach (int[] batch in _batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _buffer.Fill(_data, batch);
            int length = checked(batch.Length * _classes);
            if (_logits.Length < length)
                _logits = new float[length];
            forward(_buffer.Batch, _logits.AsSpan(0, length), cancellationToken);
            for (int i = 0; i < batch.Length; i++)
            {
                ReadOnlySpan<float> logits = _logits.AsSpan(i * _classes, _classes);
                int label = _buffer.Targets[i], predicted = Logits.IndexOfLargest(logits);
                loss += Logits.LogSumExp(logits) - logits[label];
                right += predicted == label ? 1 : 0;
                if (confusion is not null)
                    confusion[label * _classes + predicted]++;
            }
        }

        Confusion = confusion is null ? null : new ClassConfusion { Classes = _classes, Counts = confusion };
        return new MambaEvaluation(loss / _data.Count, (double)right / _data.Count, _data.Count);
    }
}

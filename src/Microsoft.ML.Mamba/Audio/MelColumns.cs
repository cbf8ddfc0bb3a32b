using Microsoft.ML.Data;
using Microsoft.ML.Mamba.Data;

namespace Microsoft.ML.Mamba.Audio;

/// <summary>The column of frames behind those of an input. Immutable.</summary>
internal sealed class MelColumns(DataViewSchema input, DataViewSchema.Column waveforms, string output, MelPlan plan, FramePreparation? normalization) : AddedColumns(
    input, waveforms, new DataViewSchema.DetachedColumn(output, new VectorDataViewType(NumberDataViewType.Single, 0, plan.Channels)))
{
    public override Delegate CreateGetter(DataViewRow row, int index)
    {
        var reader = new MelReader(row, Source, plan);
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> destination) =>
        {
            ReadOnlySpan<float> waveform = reader.Read();
            VBufferEditor<float> editor = VBufferEditor.Create(ref destination, reader.LengthOf(waveform));
            reader.Analyze(waveform, editor.Values, normalization);
            destination = editor.Commit();
        });
    }
}

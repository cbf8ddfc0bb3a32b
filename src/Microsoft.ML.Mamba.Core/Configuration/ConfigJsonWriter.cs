using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mamba;

/// <summary>Writes a configuration as this library's <c>config.json</c>.</summary>
internal static class ConfigJsonWriter
{
    public const string ModelType = "mlnet_mamba";
    public const int FormatVersion = 1;

    public static string Write(MambaConfig config)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("model_type", ModelType);
            json.WriteNumber("format_version", FormatVersion);
            json.WriteNumber("d_model", config.DModel);
            json.WriteNumber("num_layers", config.NumLayers);
            json.WriteNumber("d_state", config.DState);
            json.WriteNumber("d_conv", config.DConv);
            json.WriteNumber("expand", config.Expand);
            json.WriteNumber("dt_rank", config.DtRank);
            json.WriteBoolean("use_conv_bias", config.UseConvBias);
            json.WriteBoolean("use_bias", config.UseBias);
            json.WriteNumber("norm_epsilon", config.NormEpsilon);
            json.WriteBoolean("normalize_dt_b_c", config.NormalizeDtBC);
            json.WriteNumber("mixer_norm_epsilon", config.MixerNormEpsilon);
            json.WriteString("direction", config.Direction.ToString());
            json.WriteNumber("vocab_size", config.VocabSize);
            json.WriteNumber("input_channels", config.InputChannels);
            // Earlier releases refuse members that they do not know; without patches they read the model rightly.
            if (config.PatchLength != 0 || config.PatchStride != 0)
            {
                json.WriteNumber("patch_length", config.PatchLength);
                json.WriteNumber("patch_stride", config.PatchStride);
            }

            json.WriteNumber("max_positions", config.MaxPositions);
            json.WriteString("head", config.Head.ToString());
            json.WriteNumber("num_classes", config.NumClasses);
            json.WriteString("pooling", config.Pooling.ToString());
            json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
            json.WriteNumber("time_step_min", config.TimeStepMin);
            json.WriteNumber("time_step_max", config.TimeStepMax);
            json.WriteNumber("time_step_floor", config.TimeStepFloor);
            json.WriteNumber("time_step_scale", config.TimeStepScale);
            json.WriteNumber("initializer_range", config.InitializerRange);
            json.WriteBoolean("rescale_prenorm_residual", config.RescalePrenormResidual);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

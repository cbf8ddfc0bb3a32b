using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Mamba;

public sealed partial record MambaConfig
{
    /// <summary>
    /// The configuration as this library's <c>config.json</c>: <c>model_type</c> <c>mlnet_mamba</c>, a <c>format_version</c>, and every
    /// property in snake case; those of patches only where they are set.
    /// </summary>
    public string ToJson() => ConfigJsonWriter.Write(this);

    /// <summary>Reads a <c>config.json</c>: this library's, or that of a published checkpoint.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item><description><c>model_type</c> <c>mlnet_mamba</c>: this library's; Hugging Face's names (<c>hidden_size</c>,
    /// <c>state_size</c>) are accepted beside its own.</description></item>
    /// <item><description><c>model_type</c> <c>mamba</c> and <c>falcon_mamba</c>: Hugging Face's; a language model. What is missing has
    /// Hugging Face's default.</description></item>
    /// <item><description>no <c>model_type</c>, but <c>d_model</c> and <c>n_layer</c>: the original state-spaces checkpoints'; a language
    /// model.</description></item>
    /// </list>
    /// </remarks>
    /// <param name="json">The JSON text.</param>
    /// <returns>A valid configuration.</returns>
    /// <exception cref="InvalidDataException">
    /// The JSON is malformed, of an unknown model type or a newer version, or holds a value that is out of range or that this library does
    /// not support; the message names it.
    /// </exception>
    public static MambaConfig FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return FromJson(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>Reads as <see cref="FromJson(string)"/> does.</summary>
    /// <param name="utf8Json">The JSON text in UTF-8.</param>
    /// <returns>A valid configuration.</returns>
    /// <exception cref="InvalidDataException">As for <see cref="FromJson(string)"/>.</exception>
    public static MambaConfig FromJson(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            MambaConfig config = ConfigJsonReader.Read(document.RootElement);
            config.Validate();
            return config;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw new InvalidDataException($"The model's configuration is not valid: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a file as <see cref="FromJson(string)"/> does.</summary>
    /// <param name="path">The file's path.</param>
    /// <returns>A valid configuration.</returns>
    /// <exception cref="InvalidDataException">As for <see cref="FromJson(string)"/>; also a file of more than 16 MiB.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static MambaConfig Load(string path)
    {
        const long MaxLength = 1 << 24;
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxLength)
            throw new InvalidDataException($"A model's configuration has at most {MaxLength} bytes; '{path}' has {stream.Length}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        return FromJson(bytes.AsMemory(bytes.AsSpan().StartsWith(byteOrderMark) ? byteOrderMark.Length : 0));
    }

    /// <summary>Writes a file with <see cref="ToJson"/>'s text. An existing file is replaced only after everything is written.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="ArgumentException">The configuration is invalid.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Validate();
        byte[] bytes = Encoding.UTF8.GetBytes(ToJson() + "\n");
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }
}

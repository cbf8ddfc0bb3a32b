using System.Text;

namespace Microsoft.ML.Mamba.Data.Loading;

/// <summary>
/// ASCII letters of one record, collected in blocks: a record of any size needs its own size and no more, and the blocks of small records
/// are used again.
/// </summary>
/// <param name="keep">Whether the letters are kept; else they are only counted.</param>
internal sealed class RecordText(bool keep)
{
    public const int MaxLength = 0x3FFFFFDF;

    private const int BlockSize = 1 << 16;
    private const int BlocksKept = 16;

    private readonly List<byte[]> _blocks = [];

    public int Length { get; private set; }

    /// <summary>The letter at the end; 0 where there is none.</summary>
    public byte Last { get; private set; }

    public void Clear()
    {
        if (_blocks.Count > BlocksKept)
            _blocks.RemoveRange(BlocksKept, _blocks.Count - BlocksKept);
        Length = 0;
        Last = 0;
    }

    /// <summary>Adds letters; false where the text would become too long for a <see cref="string"/>.</summary>
    public bool TryAppend(ReadOnlySpan<byte> letters)
    {
        if (letters.IsEmpty)
            return true;
        if (letters.Length > MaxLength - Length)
            return false;
        Last = letters[^1];
        if (!keep)
        {
            Length += letters.Length;
            return true;
        }

        while (!letters.IsEmpty)
        {
            (int block, int start) = Math.DivRem(Length, BlockSize);
            if (block == _blocks.Count)
                _blocks.Add(GC.AllocateUninitializedArray<byte>(BlockSize));
            int count = Math.Min(letters.Length, BlockSize - start);
            letters[..count].CopyTo(_blocks[block].AsSpan(start));
            letters = letters[count..];
            Length += count;
        }

        return true;
    }

    public void RemoveLast()
    {
        Length--;
        Last = 0;
    }

    /// <summary>The text as a new string. ML.NET's caches keep what they are given, so a string is never used for two rows.</summary>
    public string ToText(bool upperCase) => string.Create(Length, (Text: this, upperCase), static (result, state) =>
    {
        foreach (byte[] block in state.Text._blocks)
        {
            int count = Math.Min(result.Length, BlockSize);
            if (state.upperCase)
                Ascii.ToUpper(block.AsSpan(0, count), result, out _);
            else
                Ascii.ToUtf16(block.AsSpan(0, count), result, out _);
            result = result[count..];
        }
    });

    /// <summary>Gives the letters' codes minus a number.</summary>
    public void CopyTo(Span<float> destination, int minus)
    {
        foreach (byte[] block in _blocks)
        {
            int count = Math.Min(destination.Length, BlockSize);
            for (int i = 0; i < count; i++)
                destination[i] = block[i] - minus;
            destination = destination[count..];
        }
    }
}

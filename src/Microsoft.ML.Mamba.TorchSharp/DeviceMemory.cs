using System.Runtime.InteropServices;

namespace Microsoft.ML.Mamba.TorchSharp;

/// <summary>Says what the memory was needed for where a device has no more, which torch cannot know.</summary>
internal static class DeviceMemory
{
    /// <summary>Whether torch or the kernels report that memory ran out.</summary>
    public static bool IsExhausted(Exception exception) =>
        exception is ExternalException or InvalidOperationException
        && (exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            || exception.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase)
            || exception.Message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase));

    /// <param name="cause">Torch's exception.</param>
    /// <param name="purpose">What the memory was for, such as <c>for 3 sequences of 90 tokens together</c>.</param>
    /// <param name="lower">What to lower.</param>
    public static InsufficientMemoryException Exhausted(Exception cause, string purpose, string lower)
    {
        string first = cause.Message.Split('\n')[0].TrimEnd();
        return new InsufficientMemoryException($"The device's memory does not suffice {purpose}. Lower {lower}. Torch says: {first}", cause);
    }

    public static T Guard<T>(Func<T> make, Func<string> purpose, string lower)
    {
        try
        {
            return make();
        }
        catch (Exception exception) when (IsExhausted(exception))
        {
            throw Exhausted(exception, purpose(), lower);
        }
    }
}

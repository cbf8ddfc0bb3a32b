using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Mamba.Training;

/// <summary>The checkpoints of one training in a folder that is its own until it is disposed.</summary>
internal sealed partial class CheckpointFolder : IDisposable
{
    private const string Prefix = "step-";
    private const string Extension = ".safetensors";
    private const string LockName = "in-use.lock";

    private readonly CheckpointOptions _options;
    private readonly string _folder;
    private readonly FileStream _lock;
    private readonly bool _replacesAll;
    private bool _written;

    private CheckpointFolder(CheckpointOptions options, IReadOnlyDictionary<string, string> identity)
    {
        _options = options;
        _folder = Path.GetFullPath(options.Folder);
        Identity = identity;
        Directory.CreateDirectory(_folder);
        _lock = Lock(_folder);
        try
        {
            RemoveLeftovers();
            Newest = options.Resume == CheckpointResume.Never ? null : LoadNewest();
            _replacesAll = Newest is null;
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>The checkpoint to go on from, or null to start anew.</summary>
    public Checkpoint? Newest { get; }

    /// <summary>What must be the same for a training to go on.</summary>
    public IReadOnlyDictionary<string, string> Identity { get; private set; }

    /// <summary>What is wrong with newer checkpoints that were passed over, or null.</summary>
    public string? Damage { get; private set; }

    public CheckpointOptions Options => _options;

    /// <exception cref="InvalidDataException">No checkpoint of the folder can be read; the message names the newest and what is wrong with it.</exception>
    /// <exception cref="InvalidOperationException">
    /// The checkpoints are of another training, or there is none and one is required; the message says what differs.
    /// </exception>
    /// <exception cref="IOException">The folder cannot be used, or another training uses it.</exception>
    public static CheckpointFolder? Open(MambaEnsemble model, SequenceDataset train, SequenceDataset? validation, MambaTrainingOptions options) =>
        options.Checkpoints is null ? null : new CheckpointFolder(
            options.Checkpoints, CheckpointIdentity.Of(model, train, validation, options));

    /// <summary>The seed of the training whose checkpoints a folder holds, or null.</summary>
    public static int? SeedIn(string folder)
    {
        foreach ((string path, _) in List(folder))
        {
            try
            {
                return CheckpointIdentity.SeedOf(CheckpointFile.Read(path).State.Identity);
            }
            catch (InvalidDataException)
            {
                // Open says what is wrong with it, or passes it over as well.
            }
        }

        return null;
    }

    /// <summary>
    /// Writes a checkpoint in its place and removes those that are too many. Those of later steps are of no use any more: the training has
    /// gone back before them.
    /// </summary>
    public void Write(CheckpointState state, IReadOnlyDictionary<string, MambaWeights> sections)
    {
        string path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{state.Steps:D10}{Extension}"));
        CheckpointFile.Write(new Checkpoint(path, state, sections));
        bool all = _replacesAll && !_written;
        _written = true;
        int kept = 0;
        foreach ((string other, long step) in List(_folder))
        {
            if (step > state.Steps || (all && step != state.Steps) || ++kept > _options.Keep)
                File.Delete(other);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string folder)
    {
        string path = Path.Combine(folder, LockName);
        try
        {
            // The system takes the lock back when the process ends, in whatever way.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new IOException(
                $"The checkpoint folder '{folder}' is in use by another training, or its file '{LockName}' cannot be written: {exception.Message}", exception);
        }
    }

    // What a process that was killed while it wrote has left: the name of a checkpoint and a random ending.
    private void RemoveLeftovers()
    {
        foreach (string path in Directory.EnumerateFiles(_folder, Prefix + "*"))
        {
            if (Name().Match(Path.GetFileName(path)).Groups["temporary"].Success)
                File.Delete(path);
        }
    }

    private Checkpoint? LoadNewest()
    {
        InvalidDataException? first = null;
        foreach ((string path, _) in List(_folder))
        {
            Checkpoint checkpoint;
            try
            {
                checkpoint = CheckpointFile.Read(path);
            }
            catch (InvalidDataException exception)
            {
                first ??= exception;
                continue;
            }

            Identity = CheckpointIdentity.WithWeightsOf(checkpoint, Identity);
            if (CheckpointIdentity.Difference(checkpoint.State.Identity, Identity) is { } difference)
            {
                throw new InvalidOperationException(
                    $"The checkpoints in '{_folder}' are of another training: {difference}. Use another folder, "
                    + "or start anew with Resume = Never, which replaces them.");
            }

            if (first is not null)
                Damage = $"{first.Message} It was passed over in favour of '{path}'.";
            return checkpoint;
        }

        if (first is not null)
            throw new InvalidDataException($"{first.Message} No other checkpoint is there to resume from; start anew with Resume = Never.", first);
        if (_options.Resume == CheckpointResume.Required)
            throw new InvalidOperationException($"There is no checkpoint in '{_folder}', but Resume = Required asks for one.");
        return null;
    }

    // Newest first.
    private static List<(string Path, long Step)> List(string folder)
    {
        var found = new List<(string Path, long Step)>();
        if (!Directory.Exists(folder))
            return found;
        foreach (string path in Directory.EnumerateFiles(folder, $"{Prefix}*{Extension}"))
        {
            Match name = Name().Match(Path.GetFileName(path));
            if (name.Success && !name.Groups["temporary"].Success)
                found.Add((path, long.Parse(name.Groups["step"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)));
        }

        found.Sort((left, right) => right.Step.CompareTo(left.Step));
        return found;
    }

    // Names that Write gives, and those of AtomicFile while it writes. Other files in the folder are somebody else's, however alike their
    // names are: they are neither read nor removed.
    [GeneratedRegex(@"^step-(?<step>[0-9]{10,18})\.safetensors(?<temporary>\.[0-9a-z]{8}\.[0-9a-z]{3})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

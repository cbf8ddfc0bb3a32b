using System.IO.Compression;
using ThirdParty;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public sealed class ModelFileTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string[] Entries(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        return archive.Entries.Select(entry => entry.FullName.Replace('\\', '/')).Order(StringComparer.Ordinal).ToArray();
    }

    private (IDataView Data, TransformerChain<NearestMeanTransformer> Model) Fitted()
    {
        IDataView data = Animals.Data(_ml);
        return (data, Animals.Pipeline(_ml).Fit(data));
    }

    [Fact]
    public void Zip_HoldsTheChainItsStepsAndTheSchema()
    {
        (IDataView data, TransformerChain<NearestMeanTransformer> model) = Fitted();

        Assert.Equal([
            "Schema",
            "TransformerChain/Model.key",
            "TransformerChain/Transform_000/Model.key",
            "TransformerChain/Transform_001/Means.bin",
            "TransformerChain/Transform_001/Model.key",
            "TransformerChain/Transform_001/Note.txt",
            "TransformerChain/Transform_001/ballast.weights",
        ], Entries(Saved.Bytes(model, data.Schema)).Where(name => !name.StartsWith("TrainingInfo/") && !name.StartsWith("TransformerChain/Transform_000/Voc")));
    }

    [Fact]
    public void Zip_OfASingleTransformer_HasNoSteps()
    {
        (IDataView data, TransformerChain<NearestMeanTransformer> model) = Fitted();

        Assert.Superset(new HashSet<string> { "Schema", "TransformerChain/Model.key", "TransformerChain/Means.bin", "TransformerChain/Note.txt" },
            Entries(Saved.Bytes(model.LastTransformer, data.Schema)).ToHashSet());
    }

    [Fact]
    public void BinaryStreams_AreStoredAsWritten()
    {
        (IDataView data, TransformerChain<NearestMeanTransformer> model) = Fitted();
        using var archive = new ZipArchive(new MemoryStream(Saved.Bytes(model.LastTransformer, data.Schema)));
        using Stream stream = archive.Entries.Single(entry => entry.Name == "Means.bin").Open();
        var bytes = new byte[8];
        stream.ReadExactly(bytes);

        Assert.Equal(BitConverter.GetBytes(0f).Concat(BitConverter.GetBytes(10f)), bytes);
        Assert.Equal(-1, stream.ReadByte());
    }

    [Theory, InlineData(0), InlineData(1), InlineData(5_000_001)]
    public void BinaryStreams_ComeBackSeekableWithTheirLength(int length)
    {
        (IDataView data, TransformerChain<NearestMeanTransformer> model) = Fitted();
        model.LastTransformer.Ballast = new byte[length];
        new Random(3).NextBytes(model.LastTransformer.Ballast);
        var loaded = (NearestMeanTransformer)Saved.RoundTrip(model.LastTransformer, data.Schema);

        Assert.Equal(model.LastTransformer.Ballast, loaded.Ballast);
    }

    [Fact]
    public void SaveToFileAndStream_GiveTheSameEntries()
    {
        (IDataView data, TransformerChain<NearestMeanTransformer> model) = Fitted();
        string path = _folder.PathOf("model.zip");
        _ml.Model.Save(model, data.Schema, path);

        Assert.Equal(Entries(Saved.Bytes(model, data.Schema)), Entries(File.ReadAllBytes(path)));
        Assert.NotNull(_ml.Model.Load(path, out _));
    }

    [Fact]
    public void Streams_StayOpen()
    {
        (IDataView data, TransformerChain<NearestMeanTransformer> model) = Fitted();
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        Assert.True(stream.CanRead);
        stream.Position = 0;
        _ml.Model.Load(stream, out _);

        Assert.True(stream.CanRead);
    }

    [Fact]
    public void WithoutASchema_TheLoadedSchemaIsNull()
    {
        (IDataView data, TransformerChain<NearestMeanTransformer> model) = Fitted();
        ITransformer loaded = Saved.Load(Saved.Bytes(model, null), out DataViewSchema schema);

        Assert.Null(schema);
        Assert.Equal(Read.Column<uint>(model.Transform(data), "PredictedLabel"), Read.Column<uint>(loaded.Transform(data), "PredictedLabel"));
    }

    [Fact]
    public void TruncatedFiles_Throw()
    {
        (IDataView data, TransformerChain<NearestMeanTransformer> model) = Fitted();
        byte[] bytes = Saved.Bytes(model, data.Schema);

        Assert.Throws<FormatException>(() => Saved.Load(bytes[..(bytes.Length / 2)], out _));
    }

    [Fact]
    public void FilesThatAreNoZip_Throw() =>
        Assert.Throws<FormatException>(() => Saved.Load(new byte[1000], out _));

    [Fact]
    public void ZipsWithoutAModel_Throw()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            archive.CreateEntry("Something");

        Assert.Throws<InvalidOperationException>(() => Saved.Load(stream.ToArray(), out _));
    }

    [Fact]
    public void MissingFiles_Throw() =>
        Assert.Throws<FileNotFoundException>(() => _ml.Model.Load(_folder.PathOf("absent.zip"), out _));
}

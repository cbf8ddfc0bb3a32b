using ThirdParty;

namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public sealed class ThirdPartyModelTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Alone_ComesBackWithItsTypeAndState()
    {
        IDataView data = Animals.Data(_ml);
        NearestMeanTransformer model = Animals.Pipeline(_ml).Fit(data).LastTransformer;
        var loaded = Assert.IsType<NearestMeanTransformer>(Saved.RoundTrip(model, data.Schema));

        Assert.Equal("Value", loaded.ValueColumn);
        Assert.Equal(["ant", "bee"], loaded.Classes);
        Assert.Equal([0f, 10f], loaded.Means);
    }

    [Fact]
    public void InAChain_ScoresAsBefore()
    {
        IDataView data = Animals.Data(_ml);
        ITransformer model = Animals.Pipeline(_ml).Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel")).Fit(data);
        ITransformer loaded = Saved.RoundTrip(model, data.Schema);

        Assert.Equal(["ant", "bee", "ant", "bee"], Read.Text(loaded.Transform(data), "Name"));
        Assert.Equal(Read.Vectors<float>(model.Transform(data), "Score"), Read.Vectors<float>(loaded.Transform(data), "Score"));
    }

    [Fact]
    public void ALoadedChain_IsAChainWithTheSameSteps()
    {
        IDataView data = Animals.Data(_ml);
        var chain = Assert.IsType<TransformerChain<ITransformer>>(Saved.RoundTrip(Animals.Pipeline(_ml).Fit(data), data.Schema));

        Assert.Equal(2, chain.Count());
        Assert.IsType<NearestMeanTransformer>(chain.LastTransformer);
    }

    [Fact]
    public void ALoadedModel_MayBeSavedAgain()
    {
        IDataView data = Animals.Data(_ml);
        ITransformer once = Saved.RoundTrip(Animals.Pipeline(_ml).Fit(data), data.Schema);
        ITransformer twice = Saved.RoundTrip(once, data.Schema);

        Assert.Equal(Read.Vectors<float>(once.Transform(data), "Score"), Read.Vectors<float>(twice.Transform(data), "Score"));
    }

    [Fact]
    public void AFreshProcess_FindsTheAssemblyByItsName()
    {
        IDataView data = Animals.Data(_ml);
        TransformerChain<NearestMeanTransformer> model = Animals.Pipeline(_ml).Fit(data);
        string path = _folder.PathOf("model.zip");
        _ml.Model.Save(model, data.Schema, path);
        LoadInFreshProcess.Result result = LoadInFreshProcess.Run(path, 2, 8, 5.5f);

        Assert.False(result.KnownBefore);
        Assert.Equal("TransformerChain`1", result.Transformer);
        Assert.Equal(["Label", "Value"], result.InputColumns);
        Assert.Equal(["ant", "bee", "bee"], result.Predicted);
        Assert.Equal(model.LastTransformer.Score(5.5f), result.Scores[2]);
    }

    [Fact]
    public void ANewerVersion_ThrowsAFormatException()
    {
        IDataView data = Animals.Data(_ml);
        NearestMeanTransformer model = Animals.Pipeline(_ml).Fit(data).LastTransformer;
        model.WrittenAs = NearestMeanTransformer.Version(0x00020001);
        byte[] bytes = Saved.Bytes(model, data.Schema);

        Exception thrown = Assert.ThrowsAny<Exception>(() => Saved.Load(bytes, out _));
        Assert.Contains(Causes(thrown), cause => cause is FormatException && cause.Message.Contains(NearestMeanTransformer.LoaderSignature));
    }

    [Fact]
    public void AnUnknownLoader_ThrowsAFormatException()
    {
        IDataView data = Animals.Data(_ml);
        NearestMeanTransformer model = Animals.Pipeline(_ml).Fit(data).LastTransformer;
        model.WrittenAs = NearestMeanTransformer.Version(0x00010001, "NobodyKnowsThis");
        byte[] bytes = Saved.Bytes(model, data.Schema);

        Assert.Throws<FormatException>(() => Saved.Load(bytes, out _));
    }

    private static IEnumerable<Exception> Causes(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            yield return exception;
    }
}

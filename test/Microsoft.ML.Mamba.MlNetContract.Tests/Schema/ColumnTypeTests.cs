namespace Microsoft.ML.Mamba.MlNetContract.Tests;

public class ColumnTypeTests
{
    [Fact]
    public void KeyTypes_AreEqualWhenCountAndStorageAre()
    {
        var key = new KeyDataViewType(typeof(uint), 4);

        Assert.Equal(4ul, key.Count);
        Assert.Equal(typeof(uint), key.RawType);
        Assert.Equal(key, new KeyDataViewType(typeof(uint), 4ul));
        Assert.NotEqual(key, new KeyDataViewType(typeof(uint), 5));
        Assert.NotEqual(key, new KeyDataViewType(typeof(byte), 4));
        Assert.Equal(key.GetHashCode(), new KeyDataViewType(typeof(uint), 4).GetHashCode());
    }

    [Fact]
    public void KeyTypes_AcceptUnsignedIntegersOnly()
    {
        Assert.Equal([true, true, true, true, false, false, false],
            new[] { typeof(byte), typeof(ushort), typeof(uint), typeof(ulong), typeof(int), typeof(float), typeof(string) }.Select(KeyDataViewType.IsValidDataType));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(int), 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(uint), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(byte), 256));
        Assert.Equal(255ul, new KeyDataViewType(typeof(byte), 255).Count);
    }

    [Fact]
    public void VectorTypes_KnowTheirShape()
    {
        var frames = new VectorDataViewType(NumberDataViewType.Single, 7, 3);

        Assert.Equal(21, frames.Size);
        Assert.True(frames.IsKnownSize);
        Assert.Equal([7, 3], frames.Dimensions.ToArray());
        Assert.Equal(typeof(VBuffer<float>), frames.RawType);
        Assert.Equal(NumberDataViewType.Single, frames.ItemType);
    }

    [Fact]
    public void VectorTypes_OfUnknownLength()
    {
        var any = new VectorDataViewType(NumberDataViewType.Single);
        var channels = new VectorDataViewType(NumberDataViewType.Single, 0, 3);

        Assert.Equal(0, any.Size);
        Assert.False(any.IsKnownSize);
        Assert.Equal([0], any.Dimensions.ToArray());
        Assert.Equal(0, channels.Size);
        Assert.False(channels.IsKnownSize);
        Assert.Equal([0, 3], channels.Dimensions.ToArray());
    }

    [Fact]
    public void VectorTypes_AreEqualWhenItemAndShapeAre()
    {
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 6), new VectorDataViewType(NumberDataViewType.Single, 6));
        Assert.NotEqual(new VectorDataViewType(NumberDataViewType.Single, 6), new VectorDataViewType(NumberDataViewType.Single, 2, 3));
        Assert.NotEqual(new VectorDataViewType(NumberDataViewType.Single, 6), new VectorDataViewType(NumberDataViewType.Double, 6));
        Assert.NotEqual<DataViewType>(new VectorDataViewType(NumberDataViewType.Single, 1), NumberDataViewType.Single);
    }

    [Fact]
    public void VectorTypes_RejectNegativeSizes() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorDataViewType(NumberDataViewType.Single, -1));

    [Fact]
    public void PrimitiveTypes_HaveTheirRawTypes()
    {
        Assert.Equal(typeof(ReadOnlyMemory<char>), TextDataViewType.Instance.RawType);
        Assert.Equal(typeof(float), NumberDataViewType.Single.RawType);
        Assert.Equal(typeof(double), NumberDataViewType.Double.RawType);
        Assert.Equal(typeof(sbyte), NumberDataViewType.SByte.RawType);
        Assert.Equal(typeof(ulong), NumberDataViewType.UInt64.RawType);
        Assert.Equal(typeof(bool), BooleanDataViewType.Instance.RawType);
        Assert.Equal(typeof(DataViewRowId), RowIdDataViewType.Instance.RawType);
        Assert.Equal(typeof(DateTime), DateTimeDataViewType.Instance.RawType);
    }

    [Fact]
    public void Types_PrintForMessages()
    {
        Assert.Equal("Single", NumberDataViewType.Single.ToString());
        Assert.Equal("String", TextDataViewType.Instance.ToString());
        Assert.Equal("Key<UInt32, 0-3>", new KeyDataViewType(typeof(uint), 4).ToString());
        Assert.Equal("Vector<Single, 3>", new VectorDataViewType(NumberDataViewType.Single, 3).ToString());
        Assert.Equal("Vector<Single>", new VectorDataViewType(NumberDataViewType.Single).ToString());
        Assert.Equal("Vector<Single, 7, 3>", new VectorDataViewType(NumberDataViewType.Single, 7, 3).ToString());
    }
}

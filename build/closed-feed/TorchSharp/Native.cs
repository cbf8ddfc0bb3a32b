using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The functions of <c>native/LibTorchSharp.cpp</c>, which says what they do.</summary>
internal static unsafe partial class Native
{
    private const string Library = "LibTorchSharp";

    private enum Kind
    {
        None,
        Tensor,
        Integer,
        Real,
        Integers,
        Tensors,
    }

    /// <summary>
    /// Calls an operator that gives a new tensor. Arguments: tensors, numbers, types, arrays of tensors or of numbers, and null.
    /// </summary>
    /// <exception cref="ExternalException">Torch reports an error.</exception>
    public static torch.Tensor Call(string operation, params object[] arguments)
    {
        nint result;
        Run(operation, arguments, &result);
        return new torch.Tensor(result);
    }

    /// <summary>Calls an operator that writes to its first argument.</summary>
    /// <returns>The first argument itself.</returns>
    /// <exception cref="ExternalException">Torch reports an error.</exception>
    public static torch.Tensor CallInPlace(string operation, torch.Tensor self, params object[] arguments)
    {
        Run(operation, [self, .. arguments], null);
        return self;
    }

    /// <exception cref="ExternalException">The last call reported an error.</exception>
    public static void Check(int status)
    {
        if (status != 0)
            throw new ExternalException(Marshal.PtrToStringUTF8((nint)standin_last_error()));
    }

    private static void Run(string operation, object[] arguments, nint* result)
    {
        var numbers = new List<long>();
        Argument[] encoded = Array.ConvertAll(arguments, argument => Encode(argument, numbers));
        fixed (Argument* first = encoded)
        fixed (long* list = CollectionsMarshal.AsSpan(numbers))
            Check(standin_call(operation, first, encoded.Length, list, result));
        GC.KeepAlive(arguments);
    }

    private static Argument Encode(object value, List<long> numbers) => value switch
    {
        null => default,
        torch.Tensor tensor => new Argument(Kind.Tensor, tensor.Handle),
        Scalar { IsReal: true } scalar => new Argument(Kind.Real, BitConverter.DoubleToInt64Bits(scalar.Real)),
        Scalar scalar => new Argument(Kind.Integer, scalar.Integer),
        torch.ScalarType type => new Argument(Kind.Integer, (long)type),
        bool flag => new Argument(Kind.Integer, flag ? 1 : 0),
        long number => new Argument(Kind.Integer, number),
        long[] list => Append(Kind.Integers, list, numbers),
        torch.Tensor[] tensors => Append(Kind.Tensors, Array.ConvertAll(tensors, tensor => (long)tensor.Handle), numbers),
        _ => throw new NotSupportedException($"The stand-in passes no {value.GetType()} to torch."),
    };

    private static Argument Append(Kind kind, long[] list, List<long> numbers)
    {
        var argument = new Argument(kind, numbers.Count, list.Length);
        numbers.AddRange(list);
        return argument;
    }

    private readonly struct Argument(Kind kind, long bits, int length = 0)
    {
        private readonly int _kind = (int)kind;
        private readonly int _length = length;
        private readonly long _bits = bits;
    }

    [LibraryImport(Library)]
    public static partial nint THSTensor_data(nint tensor);

    [LibraryImport(Library)]
    private static partial byte* standin_last_error();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int standin_call(string name, Argument* arguments, int count, long* numbers, nint* result);

    [LibraryImport(Library)]
    public static partial void standin_dispose(nint tensor);

    [LibraryImport(Library)]
    public static partial int standin_shape(nint tensor, long* sizes, long* strides);

    [LibraryImport(Library)]
    public static partial int standin_type(nint tensor);

    [LibraryImport(Library)]
    public static partial int standin_requires_grad(nint tensor);

    [LibraryImport(Library)]
    public static partial int standin_set_requires_grad(nint tensor, int value);

    [LibraryImport(Library)]
    public static partial nint standin_grad(nint tensor);

    [LibraryImport(Library)]
    public static partial int standin_set_grad(nint tensor, nint gradient);

    [LibraryImport(Library)]
    public static partial int standin_backward(nint tensor);

    [LibraryImport(Library)]
    public static partial int standin_grad_mode();

    [LibraryImport(Library)]
    public static partial void standin_set_grad_mode(int enabled);

    [LibraryImport(Library)]
    public static partial void standin_set_num_threads(int threads);

    [LibraryImport(Library)]
    public static partial nint standin_alias(nint tensor);

    [LibraryImport(Library)]
    public static partial int standin_wrap_outputs(
        nint* inputs, int inputCount, nint* outputs, int outputCount, nint function,
        delegate* unmanaged<nint, nint*, int, nint*, int, int> backward, delegate* unmanaged<nint, void> release, int materialize,
        nint* results);
}

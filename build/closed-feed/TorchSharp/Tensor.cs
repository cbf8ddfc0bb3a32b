using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A handle of a tensor. The one who made it disposes it, or the dispose scope that it was made in.</summary>
    public unsafe partial class Tensor : IDisposable
    {
        private static long s_totalCount;
        private nint _handle;

        /// <summary>Takes a native handle over; 0 for an undefined tensor, which is counted as well and never counted off.</summary>
        internal Tensor(nint handle, bool register = true)
        {
            _handle = handle;
            Interlocked.Increment(ref s_totalCount);
            if (register)
                Scope = DisposeScope.Register(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>Live handles of the process.</summary>
        public static long TotalCount => Interlocked.Read(ref s_totalCount);

        /// <summary>Whether the handle was disposed, or handed over, or never referred to a tensor.</summary>
        public bool IsInvalid => _handle == 0;

        public nint Handle =>
            _handle != 0 ? _handle : throw new InvalidOperationException("The tensor has no handle: it was disposed, or is undefined.");

        public long[] shape
        {
            get
            {
                var sizes = new long[dim()];
                fixed (long* first = sizes)
                    Native.standin_shape(Handle, first, null);
                return sizes;
            }
        }

        public ScalarType dtype => (ScalarType)Native.standin_type(Handle);

        public Device device
        {
            get
            {
                _ = Handle;
                return CPU;
            }
        }

        public bool requires_grad
        {
            get => Native.standin_requires_grad(Handle) != 0;
            set => Native.Check(Native.standin_set_requires_grad(Handle, value ? 1 : 0));
        }

        /// <summary>A new handle of the gradient at each call, or null.</summary>
        public Tensor grad
        {
            get => Native.standin_grad(Handle) is not 0 and nint gradient ? new Tensor(gradient) : null;
            set => Native.Check(Native.standin_set_grad(Handle, value?.Handle ?? 0));
        }

        internal DisposeScope Scope { get; set; }

        [IndexerName("TensorItems")]
        public Tensor this[long i1] => Native.Call("aten::select.int", this, 0L, i1);

        public long dim() => Native.standin_shape(Handle, null, null);

        public long numel() => shape.Aggregate(1L, (product, size) => product * size);

        public long stride(int dim)
        {
            var strides = new long[this.dim()];
            fixed (long* first = strides)
                Native.standin_shape(Handle, null, first);
            return strides[dim];
        }

        public T item<T>() where T : unmanaged
        {
            if (numel() != 1)
                throw new ArgumentException($"Only a tensor of one element is an item; this one has {numel()}.");
            if (DataType<T>() != dtype)
                throw new ArgumentException($"{typeof(T).Name} is not what a tensor of {dtype} holds.");
            return *(T*)Native.THSTensor_data(Handle);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public void backward() => autograd.Backward(Handle);

        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            Scope?.Detach(this);
            return this;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_handle == 0)
                return;
            Scope?.Detach(this);
            Interlocked.Decrement(ref s_totalCount);
            Native.standin_dispose(MoveHandle());
        }

        /// <summary>Hands the native handle over, to a parameter for example. It goes on being counted here.</summary>
        internal nint MoveHandle()
        {
            nint handle = _handle;
            _handle = 0;
            return handle;
        }

        /// <summary>A tensor of the array's type and values in memory of its own.</summary>
        internal static Tensor Of<T>(T[] values, ScalarType? type, Device device, bool requiresGrad, string[] names) where T : unmanaged
        {
            Tensor tensor = New("aten::empty.memory_format", new long[] { values.Length }, DataType<T>(), device, false, names);
            values.CopyTo(new Span<T>((void*)Native.THSTensor_data(tensor.Handle), values.Length));
            if (type is { } wanted && wanted != tensor.dtype)
                tensor = tensor.to(wanted, disposeAfter: true);
            return tensor.requires_grad_(requiresGrad);
        }

        private static ScalarType DataType<T>() =>
            typeof(T) == typeof(double) ? ScalarType.Float64
            : typeof(T) == typeof(float) ? ScalarType.Float32
            : typeof(T) == typeof(long) ? ScalarType.Int64
            : typeof(T) == typeof(int) ? ScalarType.Int32
            : throw new NotSupportedException($"The stand-in has no elements of {typeof(T)}.");
    }
}

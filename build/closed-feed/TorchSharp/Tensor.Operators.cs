namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => Native.Call("aten::add.Tensor", left, right);

        public static Tensor operator -(Tensor left, Tensor right) => Native.Call("aten::sub.Tensor", left, right);

        public static Tensor operator *(Tensor left, Tensor right) => Native.Call("aten::mul.Tensor", left, right);

        public static Tensor operator *(Tensor left, float right) => Native.Call("aten::mul.Scalar", left, (Scalar)right);

        public static Tensor operator *(Tensor left, double right) => Native.Call("aten::mul.Scalar", left, (Scalar)right);

        public static Tensor operator /(Tensor left, Tensor right) => Native.Call("aten::div.Tensor", left, right);

        public static Tensor operator /(Tensor left, double right) => Native.Call("aten::div.Scalar", left, (Scalar)right);

        public Tensor clone() => Native.Call("aten::clone", this);

        public Tensor contiguous() => Native.Call("aten::contiguous", this);

        /// <summary>A second handle of the same tensor, as all tensors are in main memory.</summary>
        public Tensor cpu() => new(Native.standin_alias(Handle));

        public Tensor detach() => Native.Call("aten::detach", this);

        public Tensor exp() => Native.Call("aten::exp", this);

        public Tensor ge(Scalar target) => Native.Call("aten::ge.Scalar", this, target);

        public Tensor gather(long dim, Tensor index) => Native.Call("aten::gather", this, dim, index);

        public Tensor index_select(long dim, Tensor index) => Native.Call("aten::index_select", this, dim, index);

        public Tensor bitwise_right_shift(Tensor other) => Native.Call("aten::bitwise_right_shift.Tensor", this, other);

        public Tensor mm(Tensor target) => Native.Call("aten::mm", this, target);

        public Tensor mv(Tensor target) => Native.Call("aten::mv", this, target);

        public Tensor narrow(long dim, long start, long length) => Native.Call("aten::narrow", this, dim, start, length);

        public Tensor sqrt() => Native.Call("aten::sqrt", this);

        public Tensor squeeze(long? dim = null) =>
            dim is { } one ? Native.Call("aten::squeeze.dim", this, one) : Native.Call("aten::squeeze", this);

        public Tensor sum(ScalarType? type = null) => Native.Call("aten::sum", this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            Native.Call("aten::sum.dim_IntList", this, new[] { dim }, keepdim, type);

        public Tensor t() => Native.Call("aten::t", this);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            CheckDevice(device);
            return to(dtype, copy, disposeAfter, non_blocking);
        }

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            Tensor result = Native.Call("aten::to.dtype", this, type, non_blocking, copy);
            if (disposeAfter)
                Dispose();
            return result;
        }

        public Tensor unsqueeze(long dim) => Native.Call("aten::unsqueeze", this, dim);

        public Tensor view(params long[] shape) => Native.Call("aten::view", this, shape);

        public Tensor add_(Tensor target) => Native.CallInPlace("aten::add_.Tensor", this, target);

        public Tensor add_(Scalar scalar) => Native.CallInPlace("aten::add_.Scalar", this, scalar);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Native.CallInPlace("aten::addcmul_", this, tensor1, tensor2, value);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Native.CallInPlace("aten::addmm_", this, mat1, mat2, (Scalar)beta, (Scalar)alpha);

        public Tensor bitwise_and_(Tensor other) => Native.CallInPlace("aten::bitwise_and_.Tensor", this, other);

        public Tensor bitwise_xor_(Tensor other) => Native.CallInPlace("aten::bitwise_xor_.Tensor", this, other);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => Native.CallInPlace("aten::copy_", this, source, nonBlocking);

        public Tensor exp_() => Native.CallInPlace("aten::exp_", this);

        public Tensor fill_(Scalar value) => Native.CallInPlace("aten::fill_.Scalar", this, value);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Native.CallInPlace("aten::index_add_", this, dim, index, source, alpha);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Native.CallInPlace("aten::index_put_", this, indices, value, accumulate);

        public Tensor mul_(Tensor target) => Native.CallInPlace("aten::mul_.Tensor", this, target);

        public Tensor mul_(Scalar target) => Native.CallInPlace("aten::mul_.Scalar", this, target);

        public Tensor neg_() => Native.CallInPlace("aten::neg_", this);

        public Tensor zero_() => Native.CallInPlace("aten::zero_", this);
    }
}

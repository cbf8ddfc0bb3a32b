using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static unsafe class autograd
    {
        // What a backward function threw, on its way past torch's frames: a backward pass on the CPU stays on its thread.
        [ThreadStatic]
        private static Exception s_thrown;

        internal static void Backward(nint handle)
        {
            int status = Native.standin_backward(handle);
            if (Interlocked.Exchange(ref s_thrown, null) is { } thrown)
                ExceptionDispatchInfo.Throw(thrown);
            Native.Check(status);
        }

        [UnmanagedCallersOnly]
        private static int RunBackward(nint function, nint* gradients, int count, nint* results, int inputs)
        {
            try
            {
                var context = (AutogradContext)GCHandle.FromIntPtr(function).Target;
                var given = new List<Tensor>();
                for (int i = 0; i < count; i++)
                    given.Add(new Tensor(gradients[i]));
                int next = 0;
                foreach (Tensor gradient in context.Backward(given))
                    results[next++] = gradient is null || gradient.IsInvalid ? 0 : Native.standin_alias(gradient.Handle);
                return 0;
            }
            catch (Exception exception)
            {
                s_thrown = exception;
                return 1;
            }
        }

        [UnmanagedCallersOnly]
        private static void Release(nint function) => GCHandle.FromIntPtr(function).Free();

        /// <summary>What a function keeps from its forward pass for its backward pass.</summary>
        public class AutogradContext
        {
            private readonly Dictionary<string, object> _data = [];
            private readonly string _name;
            private readonly Func<AutogradContext, List<Tensor>, List<Tensor>> _backward;
            private readonly bool[] _isTensor;
            private bool _materializes = true;

            internal AutogradContext(string name, object[] arguments, Func<AutogradContext, List<Tensor>, List<Tensor>> backward)
            {
                _name = name;
                _backward = backward;
                _isTensor = Array.ConvertAll(arguments, argument => argument is Tensor { IsInvalid: false });
            }

            public void save_data(string key, object value) => _data[key] = value;

            public object get_data(string key) => _data.GetValueOrDefault(key);

            /// <summary>Whether gradients that nothing flowed to come as zeros rather than undefined.</summary>
            public void set_materialize_grads(bool value) => _materializes = value;

            /// <summary>The gradients of the arguments that are tensors.</summary>
            internal IEnumerable<Tensor> Backward(List<Tensor> gradients)
            {
                List<Tensor> results = _backward(this, gradients);
                bool MayHaveOne(int i) => i < _isTensor.Length && _isTensor[i];
                bool IsSuperfluous(Tensor result, int i) => result is { IsInvalid: false } && !MayHaveOne(i);
                if (results.Count < _isTensor.Length || results.Where(IsSuperfluous).Any())
                {
                    throw new NotImplementedException(
                        $"{_name} must give a gradient or null for each of its {_isTensor.Length} arguments, "
                        + $"and null for those that are no tensors; it gave {results.Count}.");
                }

                return results.Where((_, i) => MayHaveOne(i));
            }

            /// <summary>Makes the outputs part of torch's graph, or leaves them without a history.</summary>
            internal List<Tensor> Wrap(Tensor[] inputs, List<Tensor> outputs, bool hasHistory)
            {
                nint[] from = Array.ConvertAll(inputs, input => input.Handle), made = [.. outputs.Select(output => output.Handle)];
                var wrapped = new nint[made.Length];
                nint self = hasHistory ? GCHandle.ToIntPtr(GCHandle.Alloc(this)) : 0;
                fixed (nint* first = from, source = made, target = wrapped)
                {
                    Native.Check(Native.standin_wrap_outputs(
                        first, from.Length, source, made.Length, self, &RunBackward, &Release, _materializes ? 1 : 0, target));
                }

                GC.KeepAlive(inputs);
                GC.KeepAlive(outputs);
                return [.. wrapped.Select(handle => new Tensor(handle))];
            }
        }

        /// <summary>An operation with a backward function of its own. Gradients flow to the arguments that are tensors.</summary>
        public abstract class Function<T> where T : Function<T>, new()
        {
            private static readonly T s_instance = new();

            public abstract string Name { get; }

            public static List<Tensor> apply_internal(params object[] vars)
            {
                Tensor[] inputs = [.. vars.OfType<Tensor>().Where(tensor => !tensor.IsInvalid)];
                var context = new AutogradContext(s_instance.Name, vars, s_instance.backward_internal);
                bool hasHistory = GradMode.IsEnabled && inputs.Any(input => input.requires_grad);
                List<Tensor> outputs;
                using (no_grad())
                    outputs = s_instance.forward_internal(context, vars);
                return context.Wrap(inputs, outputs, hasHistory);
            }

            internal abstract List<Tensor> forward_internal(AutogradContext ctx, params object[] vars);

            internal abstract List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs);
        }

        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override List<Tensor> forward_internal(AutogradContext ctx, params object[] vars) => [forward(ctx, vars)];

            internal sealed override List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs) =>
                backward(ctx, grad_outputs[0]);
        }

        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override List<Tensor> forward_internal(AutogradContext ctx, params object[] vars) => forward(ctx, vars);

            internal sealed override List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs) =>
                backward(ctx, grad_outputs);
        }
    }
}

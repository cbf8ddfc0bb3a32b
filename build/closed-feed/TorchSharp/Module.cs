using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Parameters and parts under names.</summary>
        public class Module : IDisposable
        {
            // In the order of their registration.
            private readonly List<(string Name, Parameter Parameter)> _parameters = [];
            private readonly List<(string Name, Module Module)> _modules = [];
            private bool _isDisposed;

            protected Module(string name) => ArgumentNullException.ThrowIfNull(name);

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), "A parameter must be a tensor that has not been disposed.");
                if (_parameters.Exists(item => item.Name == name))
                    throw new InvalidOperationException($"The module has a parameter '{name}' already.");
                _parameters.Add((name, param));
            }

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null || submodule._isDisposed)
                    throw new NotSupportedException("The stand-in for TorchSharp takes no part back; the real package is needed.");
                if (string.IsNullOrEmpty(name) || name.Contains('.', StringComparison.Ordinal))
                    throw new ArgumentException($"A part's name must not be empty or contain '.'; got '{name}'.", nameof(name));
                if (_modules.Exists(item => item.Name == name))
                    throw new InvalidOperationException($"The module has a part '{name}' already.");
                submodule.RegisterComponents();
                _modules.Add((name, submodule));
            }

            /// <summary>The parameters, each once: this module's own, then those of the parts under the parts' names.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                IEnumerable<(string Name, Parameter Parameter)> all = _parameters;
                if (recurse)
                {
                    all = all.Concat(_modules.SelectMany(
                        part => part.Module.named_parameters().Select(item => ($"{part.Name}.{item.name}", item.parameter))));
                }

                return all.Where(item => !item.Parameter.IsInvalid).DistinctBy(item => item.Parameter.Handle);
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Called when the module becomes part of another.</summary>
            protected virtual void RegisterComponents() =>
                throw new NotSupportedException(
                    "The stand-in for TorchSharp registers nothing by the names of fields; override RegisterComponents.");

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _isDisposed)
                    return;
                _isDisposed = true;
                foreach ((_, Parameter parameter) in _parameters)
                    parameter.Dispose();
                foreach ((_, Module module) in _modules)
                    module.Dispose();
            }
        }
    }
}

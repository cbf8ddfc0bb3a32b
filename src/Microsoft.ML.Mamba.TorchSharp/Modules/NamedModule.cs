namespace Microsoft.ML.Mamba.TorchSharp.Modules;

/// <summary>A module whose parameters and parts have upstream's names, registered one by one rather than by the names of fields.</summary>
internal abstract class NamedModule(string name) : nn.Module(name)
{
    protected override void RegisterComponents()
    {
    }

    /// <summary>Registers a parameter that the model may lack.</summary>
    protected ParameterSlot? Register(string name, ParameterSlot? slot)
    {
        if (slot is not null)
            register_parameter(name, slot.Value);
        return slot;
    }

    protected TModule Register<TModule>(string name, TModule module) where TModule : nn.Module
    {
        register_module(name, module);
        return module;
    }
}

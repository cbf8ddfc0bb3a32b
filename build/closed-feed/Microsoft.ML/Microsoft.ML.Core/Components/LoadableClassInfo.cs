using System.Reflection;

namespace Microsoft.ML.Runtime;

public sealed partial class ComponentCatalog
{
    /// <summary>How one loadable class is made: by its Instance property, a constructor, or a static Create method.</summary>
    internal sealed class LoadableClassInfo
    {
        private const BindingFlags AnyVisibility = BindingFlags.Public | BindingFlags.NonPublic;

        private readonly int _parameterCount;

        private LoadableClassInfo(LoadableClassAttributeBase attribute)
        {
            Type = attribute.InstanceType;
            LoaderType = attribute.LoaderType;
            SignatureTypes = attribute.SigTypes;
            Summary = attribute.Summary;
            UserName = attribute.UserName;
            LoadNames = attribute.LoadNames;
            DocName = attribute.DocName;
            ArgType = attribute.ArgType;
            _parameterCount = attribute.CtorTypes.Length;
        }

        public Type Type { get; }

        public Type LoaderType { get; }

        public IReadOnlyList<Type> SignatureTypes { get; }

        public string Summary { get; }

        public string UserName { get; }

        public bool IsHidden => string.IsNullOrWhiteSpace(UserName);

        public IReadOnlyList<string> LoadNames { get; }

        public MethodInfo InstanceGetter { get; private set; }

        public ConstructorInfo Constructor { get; private set; }

        public MethodInfo CreateMethod { get; private set; }

        public bool RequireEnvironment { get; private set; }

        public string DocName { get; }

        public Type ArgType { get; }

        internal bool CanCreate => InstanceGetter != null || Constructor != null || CreateMethod != null;

        internal int ExtraArgCount => ArgType == null ? _parameterCount : _parameterCount - 1;

        public object CreateInstance(IHostEnvironment env, object args, object[] extra)
        {
            Contracts.CheckValue(env, nameof(env));
            env.Check((ArgType != null) == (args != null));
            env.Check((extra?.Length ?? 0) == ExtraArgCount);
            var values = new List<object>();
            if (RequireEnvironment)
                values.Add(env);
            if (ArgType != null)
                values.Add(args);
            values.AddRange(extra ?? []);
            try
            {
                if (InstanceGetter != null)
                    return InstanceGetter.Invoke(null, null);
                if (Constructor != null)
                    return Constructor.Invoke(values.ToArray());
                if (CreateMethod != null)
                    return CreateMethod.Invoke(null, values.ToArray());
                throw Contracts.Except("Can't instantiate class '{0}'", Type.Name);
            }
            catch (TargetInvocationException ex) when (ex.InnerException?.IsMarked() == true)
            {
                throw Contracts.Except(ex, "Error during class instantiation");
            }
        }

        internal static LoadableClassInfo Resolve(LoadableClassAttributeBase attribute)
        {
            var info = new LoadableClassInfo(attribute);
            Type[] bare = attribute.CtorTypes;
            Type[] withEnvironment = [typeof(IHostEnvironment), .. bare];
            if (bare.Length == 0 && (info.InstanceGetter = FindInstanceGetter(attribute)) != null)
                return info;

            ConstructorInfo constructor = FindConstructor(attribute, bare);
            bool constructorNeedsEnvironment = constructor == null && (constructor = FindConstructor(attribute, withEnvironment)) != null;
            MethodInfo create = FindCreate(attribute, bare);
            bool createNeedsEnvironment = create == null && (create = FindCreate(attribute, withEnvironment)) != null;
            if (constructor != null && create != null)
            {
                int preference = Openness(constructor).CompareTo(Openness(create));
                if (preference == 0)
                {
                    throw Contracts.Except(
                        $"Can't load type {attribute.InstanceType}, "
                        + "because it has both create and constructor methods with the same visibility. "
                        + "Change the signature or the visibility of the one that is not meant.");
                }
                if (preference > 0)
                    create = null;
                else
                    constructor = null;
            }
            info.Constructor = constructor;
            info.CreateMethod = create;
            info.RequireEnvironment = constructor != null ? constructorNeedsEnvironment : createNeedsEnvironment;
            return info;
        }

        private static MethodInfo FindInstanceGetter(LoadableClassAttributeBase attribute)
        {
            PropertyInfo property = attribute.LoaderType.GetProperty("Instance", attribute.InstanceType);
            MethodInfo getter = property?.DeclaringType == attribute.LoaderType ? property.GetGetMethod(false) : null;
            return getter is { IsStatic: true } && getter.ReturnType == attribute.InstanceType ? getter : null;
        }

        private static ConstructorInfo FindConstructor(LoadableClassAttributeBase attribute, Type[] parameters)
        {
            return attribute.InstanceType.IsAssignableFrom(attribute.LoaderType)
                ? attribute.LoaderType.GetConstructor(BindingFlags.Instance | AnyVisibility, null, parameters, null)
                : null;
        }

        // The return type has to be the declared instance type itself: a derived one does not count.
        private static MethodInfo FindCreate(LoadableClassAttributeBase attribute, Type[] parameters)
        {
            MethodInfo create = attribute.LoaderType.GetMethod(
                "Create", BindingFlags.Static | BindingFlags.FlattenHierarchy | AnyVisibility, null, parameters, null);
            return create?.DeclaringType == attribute.LoaderType && create.ReturnType == attribute.InstanceType ? create : null;
        }

        private static int Openness(MethodBase method)
        {
            return method.IsFamilyAndAssembly ? 0
                : method.IsPrivate ? 1
                : method.IsFamily ? 2
                : method.IsFamilyOrAssembly ? 3
                : method.IsAssembly ? 4
                : 5;
        }
    }
}

using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("Microsoft.ML.Mamba.TorchSharp.Tests.Support.SkippingTestFramework", "Microsoft.ML.Mamba.TorchSharp.Tests")]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Microsoft.ML.Mamba.TorchSharp.Tests.Support;

/// <summary>Says from within a test that it cannot run here.</summary>
public sealed class SkipException(string reason) : Exception(reason);

/// <summary>
/// xunit's own framework, but that a test which throws <see cref="SkipException"/> counts as skipped: whether there is a device is known
/// only at run time.
/// </summary>
public sealed class SkippingTestFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider source, IMessageSink diagnostics)
        : XunitTestFrameworkExecutor(assembly, source, diagnostics)
    {
        protected override void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions) =>
            base.RunTestCases(testCases, new Sink(executionMessageSink), executionOptions);
    }

    private sealed class Sink(IMessageSink next) : LongLivedMarshalByRefObject, IMessageSink
    {
        public bool OnMessage(IMessageSinkMessage message)
        {
            // An assertion about an exception holds the one that came instead.
            if (message is ITestFailed failed && Array.IndexOf(failed.ExceptionTypes, typeof(SkipException).FullName) is >= 0 and int index)
                message = new TestSkipped(failed.Test, failed.Messages[index]);
            return next.OnMessage(message);
        }
    }
}

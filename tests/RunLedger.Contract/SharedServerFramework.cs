using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace RunLedger.Contract;

/// <summary>
/// Stops the shared server after the last test, before the run is reported as finished: the process does not live long after that. Named in the
/// TestFramework attribute of the assembly that has the tests.
/// </summary>
public sealed class SharedServerFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assemblyName, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkExecutor(assemblyName, sources, messages)
    {
        protected override async void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            using var runner = new Runner(TestAssembly, testCases, DiagnosticMessageSink, executionMessageSink, executionOptions);
            await runner.RunAsync();
        }
    }

    private sealed class Runner(
        ITestAssembly assembly, IEnumerable<IXunitTestCase> testCases, IMessageSink messages, IMessageSink executionMessages,
        ITestFrameworkExecutionOptions options) : XunitTestAssemblyRunner(assembly, testCases, messages, executionMessages, options)
    {
        protected override async Task BeforeTestAssemblyFinishedAsync()
        {
            await SharedServer.StopAsync();
            await base.BeforeTestAssemblyFinishedAsync();
        }
    }
}

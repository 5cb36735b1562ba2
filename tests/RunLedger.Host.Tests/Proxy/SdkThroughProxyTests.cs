#pragma warning disable OPENAI001 // The SDK calls its Assistants client experimental.
using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.AspNetCore.Http;
using OpenAI.Assistants;
using RunLedger.Domain.Runs;
using RunLedger.Host.Tests.Api;
using RunLedger.Host.Tests.Polling;
using RunLedger.Simulator;
using RunLedger.Simulator.Assistants;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>OpenAI's own SDK, pointed at the proxy.</summary>
[Collection(TestDatabase.Collection)]
public sealed class SdkThroughProxyTests(TestDatabase database)
{
    [Fact]
    public async Task A_run_is_created_polled_and_given_its_tools_outputs_and_all_of_it_is_recorded()
    {
        await using var service = await SimulatedAssistants.StartAsync(new SimulatorOptions { Speed = 100, ApiKey = "sk-upstream" });
        await using var api = await RunningProxy.HostAsync(database, new()
        {
            ["Proxy:Upstream"] = service.BaseAddress.GetLeftPart(UriPartial.Authority),
            ["Keys:0:name"] = "observer",
            ["Keys:0:key"] = "of-the-ledger",
            ["Keys:0:scopes:0"] = "observe",
        });
        var client = ClientOf(api);

        AssistantThread thread = await client.CreateThreadAsync();
        ThreadRun run = await client.CreateRunAsync(thread.Id, SimulatedAssistant.Support.Id, new RunCreationOptions { Metadata = { ["simulate"] = "tool_calls" } });
        await Eventually.HoldsAsync("the run has ended", async () =>
        {
            run = await client.GetRunAsync(thread.Id, run.Id);
            if (run.Status == RunStatus.RequiresAction)
                run = await client.SubmitToolOutputsToRunAsync(thread.Id, run.Id, run.RequiredActions.Select(action => new ToolOutput(action.ToolCallId, "21 °C")));
            return run.Status.IsTerminal;
        });

        Assert.Equal(RunStatus.Completed, run.Status);
        var history = await api.HistoryAsync(run.Id, "run_completed");
        Assert.Equal("run_requested", history.Aliases()[0]);
        Assert.Contains("tool_calls_required", history.Aliases());
        Assert.NotNull(Assert.Single(history.Events.Select(recorded => recorded.Event).OfType<ToolOutputsSubmitted>()).Request);
    }

    [Fact]
    public async Task A_run_streams_to_the_SDK_and_is_recorded()
    {
        await using var proxy = await RunningProxy.StartAsync(database);
        proxy.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            foreach (var (name, data) in new[]
            {
                ("thread.run.created", Samples.Run("run_streamed", "queued")), ("thread.run.in_progress", Samples.Run("run_streamed", "in_progress")),
                ("thread.run.completed", Samples.Run("run_streamed")), ("done", "[DONE]"),
            })
                await context.Response.WriteAsync($"event: {name}\ndata: {data}\n\n");
        };
        var statuses = new List<string>();
        await using var updates = await ClientOf(proxy.Api).CreateRunStreamingAsync("thread_1", "asst_1");
        await foreach (var update in updates)
            if (update is RunUpdate seen) statuses.Add(seen.Value.Status.ToString());

        Assert.Equal(["queued", "in_progress", "completed"], statuses);
        Assert.Equal(
            ["run_requested", "run_queued", "run_started", "run_completed"], (await proxy.HistoryAsync("run_streamed", "run_completed")).Aliases());
    }

    private static AssistantClient ClientOf(RunningApi api)
    {
        var options = new AssistantClientOptions { Endpoint = new Uri(api.BaseAddress, "/proxy/v1") };
        options.AddPolicy(new LedgerKey(), PipelinePosition.PerCall);
        return new AssistantClient(new ApiKeyCredential("sk-upstream"), options);
    }

    /// <summary>Sends the ledger's key with every request.</summary>
    private sealed class LedgerKey : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Api-Key", "of-the-ledger");
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Api-Key", "of-the-ledger");
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}

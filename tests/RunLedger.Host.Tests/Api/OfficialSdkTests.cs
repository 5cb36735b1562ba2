#pragma warning disable OPENAI001 // The SDK calls its Assistants and Responses clients experimental.
using System.ClientModel;
using OpenAI.Assistants;
using OpenAI.Responses;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class OfficialSdkTests(TestDatabase database) : IAsyncLifetime
{
    private RunningApi _api = null!;

    public async Task InitializeAsync() => _api = await RunningApi.StartAsync(database);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task The_assistants_client_lists_recorded_runs_over_many_pages()
    {
        await _api.Client.PushAsync([.. Enumerable.Range(0, 45).Select(i => Samples.Run($"run_sdk_{i:00}", at: Samples.Epoch + i, thread: "thread_sdk"))]);
        var client = new AssistantClient(new ApiKeyCredential("sk-none"), new() { Endpoint = Endpoint });

        var listed = new List<string>();
        await foreach (var run in client.GetRunsAsync("thread_sdk", new RunCollectionOptions { Order = RunCollectionOrder.Ascending, PageSizeLimit = 10 }))
            listed.Add(run.Id);

        Assert.Equal(Enumerable.Range(0, 45).Select(i => $"run_sdk_{i:00}"), listed);
    }

    [Fact]
    public async Task The_assistants_client_reads_a_recorded_run()
    {
        await _api.Client.PushAsync(Samples.Run("run_sdk", "failed", thread: "thread_sdk", metadata: ("team", "blue")));
        var client = new AssistantClient(new ApiKeyCredential("sk-none"), new() { Endpoint = Endpoint });

        ThreadRun run = await client.GetRunAsync("thread_sdk", "run_sdk");

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Equal("asst_1", run.AssistantId);
        Assert.Equal(120, run.Usage.TotalTokenCount);
        Assert.Equal("blue", run.Metadata["team"]);
        Assert.Equal("Sorry, something went wrong.", run.LastError.Message);
    }

    [Fact]
    public async Task The_assistants_client_hears_that_a_run_is_unknown()
    {
        var client = new AssistantClient(new ApiKeyCredential("sk-none"), new() { Endpoint = Endpoint });

        var failure = await Assert.ThrowsAsync<ClientResultException>(() => client.GetRunAsync("thread_sdk", "run_unknown"));

        Assert.Equal(404, failure.Status);
        Assert.Contains("No run found with id 'run_unknown'.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("invalid_request_error: not_found", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_assistants_client_hears_which_parameter_is_at_fault()
    {
        var client = new AssistantClient(new ApiKeyCredential("sk-none"), new() { Endpoint = Endpoint });

        var failure = await Assert.ThrowsAsync<ClientResultException>(
            async () => await client.GetRunsAsync("thread_sdk", new RunCollectionOptions { AfterId = "run_unknown" }).ToListAsync());

        Assert.Equal(400, failure.Status);
        Assert.Contains("Parameter: after", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_responses_client_reads_a_recorded_response()
    {
        await _api.Client.PushAsync(Samples.Response("resp_sdk", text: "It is 21 °C."));
        var client = new ResponsesClient(new ApiKeyCredential("sk-none"), new() { Endpoint = Endpoint });

        ResponseResult response = await client.GetResponseAsync("resp_sdk");

        Assert.Equal("It is 21 °C.", response.GetOutputText());
        Assert.Equal(42, response.Usage.TotalTokenCount);
    }

    private Uri Endpoint => new(_api.BaseAddress, "/v1");
}

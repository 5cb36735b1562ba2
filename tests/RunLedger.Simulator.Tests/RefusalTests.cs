using System.Net;
using System.Text;
using System.Text.Json;
using RunLedger.Simulator.Assistants;
using RunLedger.Simulator.Scenarios;

namespace RunLedger.Simulator.Tests;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("GET", "threads/thread_x")]
    [InlineData("GET", "threads/thread_x/runs")]
    [InlineData("GET", "threads/thread_x/runs/run_x")]
    [InlineData("POST", "threads/thread_x/runs")]
    [InlineData("POST", "threads/thread_x/runs/run_x")]
    [InlineData("POST", "threads/thread_x/runs/run_x/cancel")]
    [InlineData("DELETE", "threads/thread_x")]
    [InlineData("GET", "models")]
    public async Task What_is_not_there_is_404(string method, string path)
    {
        await using var service = await Service.StartAsync();
        await service.RefusedAsync(HttpStatusCode.NotFound, new HttpMethod(method), path, method == "POST" ? new { } : null);
    }

    [Fact]
    public async Task A_run_is_not_found_on_another_thread()
    {
        await using var service = await Service.StartAsync();
        var run = await service.CreateRunAsync("completed");
        var thread = await service.PostAsync("threads");
        await service.RefusedAsync(
            HttpStatusCode.NotFound,
            HttpMethod.Get,
            $"threads/{thread.GetProperty("id").GetString()}/runs/{run.GetProperty("id").GetString()}");
    }

    [Fact]
    public async Task A_configured_key_must_be_sent()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { ApiKey = "sk-test" });
        await service.RefusedAsync(HttpStatusCode.Unauthorized, HttpMethod.Post, "threads");
        service.Http.DefaultRequestHeaders.Add("Authorization", "Bearer sk-wrong");
        var error = await service.RefusedAsync(HttpStatusCode.Unauthorized, HttpMethod.Post, "threads");
        Assert.Equal("invalid_api_key", error.GetProperty("code").GetString());
        service.Http.DefaultRequestHeaders.Remove("Authorization");
        service.Http.DefaultRequestHeaders.Add("Authorization", "Bearer sk-test");
        Assert.Equal("thread", (await service.PostAsync("threads")).GetProperty("object").GetString());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"assistant_id\":\"\\ud800\"}")]
    [InlineData("{\"assistant_id\":7}")]
    [InlineData("{}")]
    [InlineData("{\"assistant_id\":\"ASSISTANT\",\"temperature\":3}")]
    [InlineData("{\"assistant_id\":\"ASSISTANT\",\"tools\":[{\"type\":\"hammer\"}]}")]
    [InlineData("{\"assistant_id\":\"ASSISTANT\",\"tools\":[{\"type\":\"function\"}]}")]
    [InlineData("{\"assistant_id\":\"ASSISTANT\",\"colour\":\"red\"}")]
    [InlineData("{\"assistant_id\":\"ASSISTANT\",\"stream\":true}")]
    [InlineData("{\"assistant_id\":\"ASSISTANT\",\"thread\":{\"messages\":[{\"role\":\"pilot\",\"content\":\"\"}]}}")]
    [InlineData("{\"assistant_id\":\"ASSISTANT\",\"metadata\":{\"simulate\":\"flying\"}}")]
    [InlineData("{\"assistant_id\":\"ASSISTANT\",\"metadata\":{\"simulate\":\"tool_calls\"}}")]
    public async Task A_malformed_body_is_400(string body)
    {
        await using var service = await Service.StartAsync();
        var json = body.Replace("ASSISTANT", SimulatedAssistant.Writer.Id, StringComparison.Ordinal);
        using var content = new StringContent(json, Encoding.UTF8);
        using var response = await service.Http.PostAsync("threads/runs", content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task An_unknown_assistant_is_404()
    {
        await using var service = await Service.StartAsync();
        await service.RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Post, "threads/runs", new { assistant_id = "asst_unknown" });
    }

    [Fact]
    public void Options_out_of_their_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Simulation(new SimulatorOptions { Speed = 0 }));
        var noWeights = new Dictionary<Scenario, double>();
        Assert.Throws<ArgumentException>(() => new Simulation(new SimulatorOptions { Scenarios = noWeights }));
        Assert.Throws<ArgumentException>(() => new Simulation(new SimulatorOptions { Faults = new() { Hang = 0.6, ServerError = 0.6 } }));
    }
}

using System.Net;
using RunLedger.Simulator.Assistants;

namespace RunLedger.Simulator.Tests;

public sealed class RunActionTests
{
    [Theory]
    [InlineData("queued")]
    [InlineData("in_progress")]
    [InlineData("requires_action")]
    public async Task A_run_that_has_not_ended_can_be_cancelled(string status)
    {
        await using var service = await Service.StartAsync();
        var run = await service.AdvanceUntilAsync(await service.CreateRunAsync("tool_calls"), status);
        run = await service.PostAsync(Service.PathOf(run) + "/cancel");
        Assert.Equal("cancelling", run.GetProperty("status").GetString());
        run = await service.AdvanceUntilAsync(run, "cancelled");
        Assert.InRange(service.Time.GetUtcNow().ToUnixTimeSeconds() - run.GetProperty("cancelled_at").GetInt64(), 0, 1);
    }

    [Fact]
    public async Task A_cancelled_run_stays_cancelled_past_its_expiry()
    {
        await using var service = await Service.StartAsync();
        var run = await service.CreateRunAsync("completed");
        await service.PostAsync(Service.PathOf(run) + "/cancel");
        service.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("cancelled", (await service.RefreshAsync(run)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_run_that_has_ended_or_is_being_cancelled_cannot_be_cancelled()
    {
        await using var service = await Service.StartAsync();
        var run = await service.AdvanceUntilAsync(await service.CreateRunAsync("completed"), "completed");
        var error = await service.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, Service.PathOf(run) + "/cancel");
        Assert.Equal("Cannot cancel run with status 'completed'.", error.GetProperty("message").GetString());

        run = await service.CreateRunAsync("completed");
        await service.PostAsync(Service.PathOf(run) + "/cancel");
        await service.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, Service.PathOf(run) + "/cancel");
    }

    [Fact]
    public async Task Tool_outputs_are_refused_unless_they_answer_exactly_the_open_calls()
    {
        await using var service = await Service.StartAsync();
        var run = await service.AdvanceUntilAsync(await service.CreateRunAsync("parallel_tool_calls"), "requires_action");
        var path = Service.PathOf(run) + "/submit_tool_outputs";
        var calls = Service.CallsOf(run);
        object[] unacceptable =
        [
            new { },
            new { tool_outputs = "none" },
            new { tool_outputs = Array.Empty<object>() },
            new { tool_outputs = new[] { new { tool_call_id = calls[0], output = "1" } } },
            new { tool_outputs = calls.Append("call_unknown").Select(id => new { tool_call_id = id, output = "1" }) },
            new { tool_outputs = calls.Append(calls[0]).Select(id => new { tool_call_id = id, output = "1" }) },
            new { tool_outputs = calls.Select(id => new { tool_call_id = id, output = 1 }) },
        ];
        foreach (var body in unacceptable)
        {
            await service.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, path, body);
        }

        Assert.Equal("requires_action", (await service.RefreshAsync(run)).GetProperty("status").GetString());
        Assert.Equal("queued", (await service.SubmitAsync(run)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Tool_outputs_are_refused_when_no_action_is_required()
    {
        await using var service = await Service.StartAsync();
        var run = await service.CreateRunAsync("completed");
        var error = await service.RefusedAsync(
            HttpStatusCode.BadRequest,
            HttpMethod.Post,
            Service.PathOf(run) + "/submit_tool_outputs",
            new { tool_outputs = new[] { new { tool_call_id = "call_1", output = "1" } } });
        Assert.Equal("Runs in status \"queued\" do not accept tool outputs.", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Metadata_can_be_replaced_even_after_the_end_and_nothing_else_changes()
    {
        await using var service = await Service.StartAsync();
        var run = await service.AdvanceUntilAsync(await service.CreateRunAsync("completed"), "completed");
        var modified = await service.PostAsync(Service.PathOf(run), new { metadata = new { team = "sales" } });
        Assert.Equal("""{"team":"sales"}""", modified.GetProperty("metadata").GetRawText());
        foreach (var field in run.EnumerateObject().Where(field => field.Name != "metadata"))
        {
            Assert.Equal(field.Value.GetRawText(), modified.GetProperty(field.Name).GetRawText());
        }
    }

    [Fact]
    public async Task Only_metadata_within_its_limits_can_be_modified()
    {
        await using var service = await Service.StartAsync();
        var path = Service.PathOf(await service.CreateRunAsync("completed"));
        object[] unacceptable =
        [
            new { metadata = "team" },
            new { metadata = new { team = 1 } },
            new { metadata = new { team = new string('x', 513) } },
            new { metadata = Enumerable.Range(0, 17).ToDictionary(i => $"key{i}", _ => "v") },
            new { instructions = "Do something else." },
        ];
        foreach (var body in unacceptable)
        {
            await service.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, path, body);
        }
    }

    [Fact]
    public async Task A_request_overrides_its_assistants_settings()
    {
        await using var service = await Service.StartAsync();
        var run = await service.PostAsync(
            "threads/runs",
            new
            {
                assistant_id = SimulatedAssistant.Writer.Id,
                model = "gpt-4.1",
                instructions = "Rhyme.",
                additional_instructions = "In French.",
                temperature = 0.25,
                response_format = new { type = "json_object" },
                truncation_strategy = new { type = "last_messages", last_messages = 4 },
                thread = new { messages = new[] { new { role = "user", content = "Hello" } }, metadata = new { channel = "mail" } },
            });
        Assert.Equal("gpt-4.1", run.GetProperty("model").GetString());
        Assert.Equal("Rhyme.\nIn French.", run.GetProperty("instructions").GetString());
        Assert.Equal("0.25", run.GetProperty("temperature").GetRawText());
        Assert.Equal("json_object", run.GetProperty("response_format").GetProperty("type").GetString());
        Assert.Equal(4, run.GetProperty("truncation_strategy").GetProperty("last_messages").GetInt32());
        var thread = await service.GetAsync($"threads/{run.GetProperty("thread_id").GetString()}");
        Assert.Equal("mail", thread.GetProperty("metadata").GetProperty("channel").GetString());
    }
}

using System.Text.Json;
using RunLedger.Simulator.Assistants;

namespace RunLedger.Simulator.Tests;

public sealed class RunLifecycleTests
{
    [Fact]
    public async Task A_run_object_has_every_field_in_the_services_order()
    {
        await using var service = await Service.StartAsync();
        var run = await service.CreateRunAsync("completed");
        Assert.Equal(
            [
                "id", "object", "created_at", "assistant_id", "thread_id", "status", "started_at", "expires_at", "cancelled_at",
                "failed_at", "completed_at", "required_action", "last_error", "model", "instructions", "tools", "tool_resources",
                "metadata", "temperature", "top_p", "reasoning_effort", "max_completion_tokens", "max_prompt_tokens", "truncation_strategy",
                "incomplete_details", "usage", "response_format", "tool_choice", "parallel_tool_calls",
            ],
            run.EnumerateObject().Select(field => field.Name));
        Assert.Equal("1.0", run.GetProperty("temperature").GetRawText());
        Assert.Equal(600, run.GetProperty("expires_at").GetInt64() - run.GetProperty("created_at").GetInt64());
    }

    [Fact]
    public async Task A_run_is_queued_then_in_progress_then_completed_with_usage_that_adds_up()
    {
        await using var service = await Service.StartAsync();
        var run = await service.CreateRunAsync("completed");
        Assert.Equal("queued", run.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, run.GetProperty("started_at").ValueKind);

        run = await service.AdvanceUntilAsync(run, "in_progress");
        Assert.Equal(JsonValueKind.Number, run.GetProperty("started_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, run.GetProperty("usage").ValueKind);

        run = await service.AdvanceUntilAsync(run, "completed");
        Assert.Equal(JsonValueKind.Null, run.GetProperty("expires_at").ValueKind);
        Assert.True(run.GetProperty("completed_at").GetInt64() > run.GetProperty("started_at").GetInt64());
        var usage = run.GetProperty("usage");
        Assert.Equal(
            usage.GetProperty("total_tokens").GetInt32(),
            usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal(0, usage.GetProperty("prompt_token_details").GetProperty("cached_tokens").GetInt32() % 128);
        Assert.Equal(0, usage.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
    }

    [Fact]
    public async Task Submitted_outputs_put_the_run_into_the_queue_again_and_started_at_changes_when_it_resumes()
    {
        await using var service = await Service.StartAsync();
        var waiting = await service.AdvanceUntilAsync(await service.CreateRunAsync("tool_calls"), "requires_action");
        var call = waiting.GetProperty("required_action").GetProperty("submit_tool_outputs").GetProperty("tool_calls")[0];
        Assert.Equal("function", call.GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Object, JsonElement.Parse(call.GetProperty("function").GetProperty("arguments").GetString()!).ValueKind);

        service.Time.Advance(TimeSpan.FromSeconds(10));
        var queued = await service.SubmitAsync(waiting);
        Assert.Equal("queued", queued.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, queued.GetProperty("required_action").ValueKind);
        Assert.Equal(waiting.GetProperty("started_at").GetInt64(), queued.GetProperty("started_at").GetInt64());

        var resumed = await service.AdvanceUntilAsync(queued, "in_progress");
        Assert.True(resumed.GetProperty("started_at").GetInt64() > queued.GetProperty("started_at").GetInt64());
        await service.AdvanceUntilAsync(resumed, "completed");
    }

    [Fact]
    public async Task Two_tool_rounds_ask_for_different_calls()
    {
        await using var service = await Service.StartAsync();
        var first = await service.AdvanceUntilAsync(await service.CreateRunAsync("two_tool_rounds"), "requires_action");
        var second = await service.AdvanceUntilAsync(await service.SubmitAsync(first), "requires_action");
        Assert.Empty(Service.CallsOf(first).Intersect(Service.CallsOf(second)));
        await service.AdvanceUntilAsync(await service.SubmitAsync(second), "completed");
    }

    [Fact]
    public async Task Parallel_tool_calls_come_at_once_unless_the_request_forbids_them()
    {
        await using var service = await Service.StartAsync();
        var parallel = await service.AdvanceUntilAsync(await service.CreateRunAsync("parallel_tool_calls"), "requires_action");
        Assert.InRange(Service.CallsOf(parallel).Count, 2, 3);

        var single = await service.PostAsync(
            "threads/runs",
            new
            {
                assistant_id = SimulatedAssistant.Travel.Id,
                parallel_tool_calls = false,
                metadata = new { simulate = "parallel_tool_calls" },
            });
        Assert.Single(Service.CallsOf(await service.AdvanceUntilAsync(single, "requires_action")));
    }

    [Theory]
    [InlineData("server_error", "failed", "server_error")]
    [InlineData("rate_limit_exceeded", "failed", "rate_limit_exceeded")]
    [InlineData("invalid_prompt", "failed", "invalid_prompt")]
    public async Task A_failed_run_says_why(string scenario, string status, string code)
    {
        await using var service = await Service.StartAsync();
        var run = await service.AdvanceUntilAsync(await service.CreateRunAsync(scenario), status);
        Assert.Equal(code, run.GetProperty("last_error").GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Number, run.GetProperty("failed_at").ValueKind);
        Assert.Equal(JsonValueKind.Object, run.GetProperty("usage").ValueKind);
    }

    [Theory]
    [InlineData("max_completion_tokens")]
    [InlineData("max_prompt_tokens")]
    public async Task An_incomplete_run_says_which_limit_it_met(string reason)
    {
        await using var service = await Service.StartAsync();
        var run = await service.AdvanceUntilAsync(await service.CreateRunAsync(reason), "incomplete");
        Assert.Equal(reason, run.GetProperty("incomplete_details").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_run_never_uses_more_completion_tokens_than_its_request_allowed()
    {
        await using var service = await Service.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            var run = await service.PostAsync(
                "threads/runs",
                new
                {
                    assistant_id = SimulatedAssistant.Researcher.Id,
                    max_completion_tokens = 256,
                    metadata = new { simulate = "completed" },
                });
            service.Time.Advance(TimeSpan.FromMinutes(1));
            run = await service.RefreshAsync(run);
            Assert.InRange(run.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), 1, 256);
        }

        Assert.Contains("incomplete", service.Simulation.CountRunsByStatus());
    }

    [Fact]
    public async Task A_run_that_hangs_or_is_never_answered_expires_at_expires_at()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { Speed = 50 });
        var hanging = await service.CreateRunAsync("expired");
        var unanswered = await service.CreateRunAsync("tool_calls");
        Assert.Equal(12, hanging.GetProperty("expires_at").GetInt64() - hanging.GetProperty("created_at").GetInt64());

        service.Time.Advance(TimeSpan.FromSeconds(11.9));
        Assert.Equal("in_progress", (await service.RefreshAsync(hanging)).GetProperty("status").GetString());
        unanswered = await service.RefreshAsync(unanswered);
        Assert.Equal("requires_action", unanswered.GetProperty("status").GetString());

        service.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("expired", (await service.RefreshAsync(hanging)).GetProperty("status").GetString());
        unanswered = await service.RefreshAsync(unanswered);
        Assert.Equal("expired", unanswered.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, unanswered.GetProperty("required_action").ValueKind);
    }

    [Fact]
    public async Task A_run_cancelled_by_someone_else_is_cancelling_before_it_is_cancelled()
    {
        await using var service = await Service.StartAsync();
        var run = await service.AdvanceUntilAsync(await service.CreateRunAsync("cancelled"), "cancelling");
        Assert.Equal(JsonValueKind.Null, run.GetProperty("cancelled_at").ValueKind);
        run = await service.AdvanceUntilAsync(run, "cancelled");
        Assert.Equal(JsonValueKind.Number, run.GetProperty("cancelled_at").ValueKind);
    }

    [Fact]
    public async Task Reasoning_models_report_reasoning_tokens_among_the_completion_tokens()
    {
        await using var service = await Service.StartAsync();
        var run = await service.CreateRunAsync("completed", SimulatedAssistant.Researcher);
        Assert.Equal("medium", run.GetProperty("reasoning_effort").GetString());
        var usage = (await service.AdvanceUntilAsync(run, "completed")).GetProperty("usage");
        var reasoning = usage.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32();
        Assert.InRange(reasoning, 1, usage.GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Without_a_forced_scenario_every_ending_occurs_in_time()
    {
        await using var service = await Service.StartAsync();
        for (var i = 0; i < 200; i++)
        {
            await service.PostAsync("threads/runs", new { assistant_id = SimulatedAssistant.Writer.Id });
        }

        service.Time.Advance(TimeSpan.FromMinutes(11));
        var statuses = service.Simulation.CountRunsByStatus();
        Assert.Equal(["cancelled", "completed", "expired", "failed", "incomplete"], statuses.Keys.Order());
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RunLedger.Simulator.Assistants;
using RunLedger.Simulator.Runs;

namespace RunLedger.Simulator.Api;

/// <summary>Create, list, retrieve, modify, submit tool outputs, cancel.</summary>
internal static class RunEndpoints
{
    private static readonly string[] RunFields =
    [
        "assistant_id", "model", "instructions", "additional_instructions", "additional_messages", "tools", "metadata", "temperature",
        "top_p", "reasoning_effort", "max_completion_tokens", "max_prompt_tokens", "truncation_strategy", "tool_choice",
        "parallel_tool_calls", "response_format", "stream",
    ];

    private static readonly string[] ThreadAndRunFields = [.. RunFields.Except(["additional_messages"]), "thread", "tool_resources"];

    public static void MapRuns(this RouteGroupBuilder group, Simulation simulation)
    {
        const string Runs = "/threads/{threadId}/runs";
        const string Run = Runs + "/{runId}";

        group.MapPost("/threads/runs", async (HttpRequest request) =>
            Answer(CreateThreadAndRun(simulation, await RequestBody.ReadAsync(request, ThreadAndRunFields))));
        group.MapPost(Runs, async (HttpRequest request, string threadId) =>
            Answer(Create(simulation, simulation.FindThread(threadId), await RequestBody.ReadAsync(request, RunFields))));
        group.MapGet(Runs, (HttpRequest request, string threadId) =>
            ApiJson.Answer(RunPage.Cut(simulation.FindRuns(threadId), request.Query).Write));
        group.MapGet(Run, (string threadId, string runId) => Answer(simulation.FindRun(threadId, runId)));
        group.MapPost(Run, async (HttpRequest request, string threadId, string runId) =>
            Answer(Modify(simulation, threadId, runId, await RequestBody.ReadAsync(request, "metadata"))));
        group.MapPost(Run + "/submit_tool_outputs", async (HttpRequest request, string threadId, string runId) =>
            Answer(Submit(simulation, threadId, runId, await RequestBody.ReadAsync(request, "tool_outputs", "stream"))));
        group.MapPost(Run + "/cancel", (string threadId, string runId) => Answer(simulation.Act(threadId, runId, RunActions.Cancel)));
    }

    private static IResult Answer(RunSnapshot run) => ApiJson.Answer(writer => writer.WriteRun(run));

    private static RunSnapshot CreateThreadAndRun(Simulation simulation, RequestBody body)
    {
        var configuration = ReadRun(body);
        var metadata = body.Metadata() ?? RequestBody.EmptyObject;
        var thread = ThreadEndpoints.Create(simulation, body.Nested("thread", ThreadEndpoints.Fields));
        return simulation.CreateRun(thread, configuration, metadata);
    }

    private static RunSnapshot Create(Simulation simulation, SimulatedThread thread, RequestBody body)
    {
        var configuration = ReadRun(body);
        ThreadEndpoints.CheckMessages(body, "additional_messages");
        return simulation.CreateRun(thread, configuration, body.Metadata() ?? RequestBody.EmptyObject);
    }

    private static RunConfiguration ReadRun(RequestBody body)
    {
        RefuseStreaming(body);
        var assistantId = body.Text("assistant_id") ?? throw body.Missing("assistant_id");
        var assistant = SimulatedAssistant.All.FirstOrDefault(known => known.Id == assistantId)
            ?? throw ApiException.NotFound("assistant", assistantId);
        return RunConfiguration.Read(body, assistant);
    }

    private static RunSnapshot Modify(Simulation simulation, string threadId, string runId, RequestBody body)
    {
        var metadata = body.Metadata();
        return simulation.Act(threadId, runId, (run, _) => RunActions.Modify(run, metadata));
    }

    private static RunSnapshot Submit(Simulation simulation, string threadId, string runId, RequestBody body)
    {
        RefuseStreaming(body);
        var answered = body.Array("tool_outputs") is null
            ? throw body.Missing("tool_outputs")
            : body.Objects("tool_outputs").Select(ReadOutput).ToArray();
        return simulation.Act(threadId, runId, (run, now) => RunActions.SubmitToolOutputs(run, answered, now));
    }

    private static string ReadOutput(RequestBody output)
    {
        output.Allow("tool_call_id", "output");
        output.Text("output");
        return output.Text("tool_call_id") ?? throw output.Missing("tool_call_id");
    }

    private static void RefuseStreaming(RequestBody body)
    {
        if (body.Flag("stream") == true)
        {
            throw ApiException.BadRequest("The simulated service does not stream.", "stream", "unsupported_value");
        }
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RunLedger.Simulator.Runs;

namespace RunLedger.Simulator.Api;

/// <summary>Create and retrieve threads. Messages are accepted and checked, but nothing keeps them.</summary>
internal static class ThreadEndpoints
{
    public static readonly string[] Fields = ["messages", "metadata", "tool_resources"];

    public static void MapThreads(this RouteGroupBuilder group, Simulation simulation)
    {
        group.MapPost("/threads", async (HttpRequest request) =>
            Answer(Create(simulation, await RequestBody.ReadAsync(request, Fields))));
        group.MapGet("/threads/{threadId}", (string threadId) => Answer(simulation.FindThread(threadId)));
    }

    /// <exception cref="ApiException">400: messages, metadata or tool resources are malformed.</exception>
    public static SimulatedThread Create(Simulation simulation, RequestBody? body)
    {
        if (body is null)
        {
            return simulation.CreateThread(RequestBody.EmptyObject, RequestBody.EmptyObject);
        }

        CheckMessages(body, "messages");
        var toolResources = body.Object("tool_resources") ?? RequestBody.EmptyObject;
        return simulation.CreateThread(body.Metadata() ?? RequestBody.EmptyObject, toolResources);
    }

    /// <exception cref="ApiException">400: not an array of messages with a role and content.</exception>
    public static void CheckMessages(RequestBody body, string name)
    {
        foreach (var message in body.Objects(name))
        {
            var role = message.Text("role") ?? throw message.Missing("role");
            if (role is not ("user" or "assistant"))
            {
                throw message.BadValue("role", role, "'user' and 'assistant'");
            }

            if (message.Any("content") is not { ValueKind: JsonValueKind.String or JsonValueKind.Array })
            {
                throw message.Missing("content");
            }
        }
    }

    private static IResult Answer(SimulatedThread thread) => ApiJson.Answer(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("id", thread.Id);
        writer.WriteString("object", "thread");
        writer.WriteTime("created_at", thread.CreatedAt);
        writer.WriteValue("metadata", thread.Metadata);
        writer.WriteValue("tool_resources", thread.ToolResources);
        writer.WriteEndObject();
    });
}

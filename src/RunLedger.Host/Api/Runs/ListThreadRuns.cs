using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;
using RunLedger.Postgres.Runs;

namespace RunLedger.Host.Api.Runs;

/// <summary>
/// <c>GET /v1/threads/{thread_id}/runs</c>: the list of the Assistants API, each run as last observed (API reference, "List runs").
/// </summary>
internal static class ListThreadRuns
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static async Task ListAsync(HttpContext context, [FromRoute(Name = "thread_id")] string threadId, Ledger ledger)
    {
        var query = new ApiQuery(context);
        var request = new ThreadPageRequest(
            query.Limit(20, 100), query.Word("order", "asc", "desc") == "asc", query.Text("after"), query.Text("before"));
        var page = ApiQuery.IsHoldable(threadId) ? await ReadAsync(context, threadId, request, ledger) : new ThreadPage([], false);

        context.Response.ContentType = "application/json";
        Write(context, page);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static async Task<ThreadPage> ReadAsync(HttpContext context, string threadId, ThreadPageRequest request, Ledger ledger)
    {
        try
        {
            return await ledger.Runs.ListThreadAsync(context.Tenant(), threadId, request, context.RequestAborted);
        }
        catch (KeyNotFoundException unknown)
        {
            throw new ApiException(Problem.Of(StatusCodes.Status400BadRequest, unknown.Message) with { Parameter = Bound(request, unknown) });
        }
    }

    // Which of the two ids it was, the message tells.
    private static string Bound(ThreadPageRequest request, KeyNotFoundException unknown) =>
        request.After is { } after && unknown.Message.Contains($"'{after}'", StringComparison.Ordinal) ? "after" : "before";

    private static void Write(HttpContext context, ThreadPage page)
    {
        using var writer = new Utf8JsonWriter(context.Response.BodyWriter, WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        foreach (var run in page.Runs) writer.WriteRawValue(run.Json.Utf8.Span, skipInputValidation: true);
        writer.WriteEndArray();
        writer.WriteString("first_id"u8, page.Runs is [var first, ..] ? first.RunId : null);
        writer.WriteString("last_id"u8, page.Runs is [.., var last] ? last.RunId : null);
        writer.WriteBoolean("has_more"u8, page.HasMore);
        writer.WriteEndObject();
    }
}

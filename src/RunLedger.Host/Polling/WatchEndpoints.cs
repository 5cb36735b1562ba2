using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Observations;
using RunLedger.Host.Api.OpenApi;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>Adds watches, lists and removes them: <c>POST</c>, <c>GET</c> and <c>DELETE /v1/watches</c>.</summary>
public static class WatchEndpoints
{
    private const int LargestBody = 64 * 1024;

    /// <summary>Maps the endpoints. Adding and removing need the scope <c>observe</c>, listing <c>read</c>.</summary>
    public static IEndpointRouteBuilder MapWatches(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/watches", AddAsync).RequireScope(Scopes.Observe).Describe(ApiDescription.AddWatch);
        routes.MapDelete("/v1/watches", RemoveAsync).RequireScope(Scopes.Observe).Describe(ApiDescription.RemoveWatch);
        routes.MapRead("/v1/watches", ListAsync, ApiDescription.ListWatches);
        return routes;
    }

    /// <summary>
    /// Adds a watch of the body <c>{"upstream","thread_id","run_id"?}</c>: 201 if it is new, 200 if it was there, 400 with what is wrong.
    /// </summary>
    private static async Task AddAsync(HttpContext context, Watches watches)
    {
        var asked = await ReadAsync(context);
        if (watches.Check(context.Tenant(), asked.Upstream, asked.ThreadId, asked.RunId) is { } defect) throw ApiException.OfField(defect.Field, defect.Reason);
        var isNew = await watches.AddAsync(context.Tenant(), asked.Upstream!, asked.ThreadId!, asked.RunId, context.RequestAborted);
        context.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        await Answer.JsonAsync(context, asked, ApiJson.Web.WatchRequest);
    }

    /// <summary>
    /// Removes the watch that the query <c>upstream</c>, <c>thread_id</c> and <c>run_id</c> (none for the thread itself) name: 204, or 404 if there
    /// is none. What was recorded stays; a poll that is under way is recorded too.
    /// </summary>
    private static async Task RemoveAsync(HttpContext context, Watches watches)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers("upstream", "thread_id", "run_id");
        var watch = new WatchKey(context.Tenant(), query.Required("upstream"), query.Required("thread_id"), query.Text("run_id") ?? "");
        if (!await watches.RemoveAsync(watch, context.RequestAborted))
            throw new ApiException(StatusCodes.Status404NotFound, "There is no such watch.");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task ListAsync(HttpContext context, Watches watches)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers("limit", "cursor");
        var limit = query.Limit(100, 1_000);
        WatchKey? after = query.Text("cursor") is { } cursor
            ? KeyOf(context.Tenant(), cursor) ?? throw ApiException.OfParameter("cursor", "is none that this API gave")
            : null;
        var watched = await watches.ListAsync(context.Tenant(), after, limit + 1, context.RequestAborted);
        var page = watched.Take(limit).Select(WatchAnswer.Of).ToList();
        await Answer.JsonAsync(
            context, new WatchList(page, watched.Count > limit ? CursorOf(watched[limit - 1].Key) : null), ApiJson.Web.WatchList);
    }

    private static async Task<WatchRequest> ReadAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context, LargestBody);
        try
        {
            return JsonSerializer.Deserialize(body.Span, ApiJson.Web.WatchRequest)
                ?? throw new ApiException(StatusCodes.Status400BadRequest, "The body is null, not a watch.");
        }
        catch (JsonException malformed)
        {
            throw malformed.Path is ['$', '.', .. var field]
                ? ApiException.OfField(field, "is no text")
                : new ApiException(StatusCodes.Status400BadRequest, "The body is no watch: it is no JSON object.");
        }
    }

    private static string CursorOf(WatchKey key) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes([key.Upstream, key.ThreadId, key.RunId], ApiJson.Web.StringArray));

    private static WatchKey? KeyOf(TenantId tenant, string cursor)
    {
        try
        {
            return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(cursor), ApiJson.Web.StringArray) is [{ } upstream, { } thread, { } run]
                && ApiQuery.IsHoldable(upstream + thread + run)
                ? new WatchKey(tenant, upstream, thread, run)
                : null;
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>A watch to be added.</summary>
/// <param name="Upstream">The upstream's name.</param>
/// <param name="ThreadId">The thread.</param>
/// <param name="RunId">The run; null for the thread itself.</param>
public sealed record WatchRequest(string? Upstream, string? ThreadId, string? RunId);

/// <summary>A page of watches.</summary>
/// <param name="Data">The watches.</param>
/// <param name="NextCursor">Where the next page begins; null if this is the last.</param>
public sealed record WatchList(IReadOnlyList<WatchAnswer> Data, string? NextCursor)
{
    /// <summary><c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "list";
}

/// <summary>A watch as the API shows it.</summary>
/// <param name="Upstream">The upstream's name.</param>
/// <param name="ThreadId">The thread.</param>
/// <param name="RunId">The run; null for the thread itself.</param>
/// <param name="NextPollAt">When it is polled next. UTC.</param>
/// <param name="LastOutcome">What the last poll came to; null before the first.</param>
/// <param name="Attempts">How many polls in a row failed like the last; 0 if it did not.</param>
/// <param name="LastError">Why it failed; null if it did not.</param>
/// <param name="CreatedAt">When it was added. UTC.</param>
public sealed record WatchAnswer(
    string Upstream, string ThreadId, string? RunId, DateTime NextPollAt, string? LastOutcome, int Attempts, string? LastError, DateTime CreatedAt)
{
    /// <summary>The answer for a watch.</summary>
    public static WatchAnswer Of(WatchView watch) => new(
        watch.Key.Upstream, watch.Key.ThreadId, watch.Key.IsThread ? null : watch.Key.RunId, watch.NextPollAt.UtcDateTime,
        watch.LastOutcome?.Name(), watch.Attempts, watch.LastError, watch.CreatedAt.UtcDateTime);
}

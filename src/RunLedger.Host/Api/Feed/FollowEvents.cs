using System.Globalization;
using Npgsql;
using RunLedger.Domain.Runs;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;
using RunLedger.Postgres.Feed;

namespace RunLedger.Host.Api.Feed;

/// <summary>
/// <c>GET /v1/events</c>: the events of the caller's tenant in the order in which they were committed, from any position on, as they come: as NDJSON
/// or as server-sent events.
/// </summary>
internal static class FollowEvents
{
    private const string Head = "head";

    public static async Task FollowAsync(
        HttpContext context, Ledger ledger, ApiOptions options, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<EventFeed> logger)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers("after", "type", "follow", "limit", "resolve");
        var asServerSent = AcceptedTypes.Prefers(context.Request, ServerSentLines.Type, JsonLines.Type);
        var (named, after) = After(context.Request, query);
        var request = new FeedRequest
        {
            After = after,
            Types = Types(context.Request.Query["type"]!),
            Follow = query.Word("follow", "true", "false") != "false",
            Idle = options.Heartbeat,
        };
        using FeedLines lines = asServerSent ? new ServerSentLines(context.Response.BodyWriter) : new JsonLines(context.Response.BodyWriter);
        var answer = new FeedAnswer(context, ledger.Runs, lines, query.Number("limit") ?? long.MaxValue, query.Flag("resolve"), options.Heartbeat, clock);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await answer.WriteAsync(ledger.Feed.ReadAsync(context.Tenant(), request, ending.Token), ending.Token);
        }
        catch (PositionBeyondLedgerException beyond)
        {
            throw new ApiException(Problem.Of(StatusCodes.Status409Conflict, beyond.Message) with { Parameter = named });
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // The answer ends as one does that has no more to say; the client comes back to the next host.
        }
        catch (OperationCanceledException) when (context.Response.HasStarted)
        {
            // The client left.
        }
        catch (Exception failure) when (context.Response.HasStarted && failure is NpgsqlException or InvalidDataException or ObjectDisposedException)
        {
            // Broken off, the answer cannot be taken for one that ended; the client comes back and goes on where it was.
            logger.LogWarning("A reader of the event feed was broken off: {Reason}", failure.Message);
            context.Abort();
        }
    }

    // Where an EventSource comes back, it asks for what it asked for at first, and says how far it got in the header.
    private static (string Parameter, long? Position) After(HttpRequest request, ApiQuery query)
    {
        var (name, given) = request.Headers["Last-Event-ID"] is [{ Length: > 0 } seen] ? ("Last-Event-ID", seen) : ("after", query.Text("after"));
        return given switch
        {
            null => (name, 0),
            Head => (name, null),
            _ when long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var position) => (name, position),
            _ => throw ApiException.OfParameter(name, $"is '{given}', neither a position nor '{Head}'"),
        };
    }

    private static HashSet<string>? Types(IEnumerable<string> given)
    {
        var types = given.SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToHashSet();
        if (types.Count == 0) return null;
        var known = RunEventTypes.All.Select(type => type.Name).ToHashSet();
        return types.FirstOrDefault(type => !known.Contains(type)) is { } unknown
            ? throw ApiException.OfParameter("type", $"names '{unknown}', none of {string.Join(", ", known.Order(StringComparer.Ordinal))}")
            : types;
    }
}

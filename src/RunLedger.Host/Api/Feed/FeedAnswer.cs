using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Runs;
using RunLedger.Postgres.Feed;
using RunLedger.Postgres.Runs;

namespace RunLedger.Host.Api.Feed;

/// <summary>
/// Writes a feed to a client. The next page is read when the client has taken this one: a slow client costs one page of memory, and one that
/// takes nothing at all is dropped by the server.
/// </summary>
internal sealed class FeedAnswer(
    HttpContext context, RunReader runs, FeedLines lines, long limit, bool resolve, TimeSpan heartbeat, TimeProvider clock)
{
    // So many events have their large values in memory together.
    private const int ResolvedAtOnce = 16;
    private const int FlushAt = 64 * 1024;

    private long _left = limit;
    private long _position;
    private long _said;
    private bool _wasAtHead;

    /// <summary>Writes pages until they end, or the limit is reached.</summary>
    public async Task WriteAsync(IAsyncEnumerable<FeedPage> pages, CancellationToken cancellationToken)
    {
        await foreach (var page in pages)
        {
            if (!context.Response.HasStarted) await StartAsync(cancellationToken);
            await WriteAsync(page, cancellationToken);
            _wasAtHead = page.AtHead && _left > 0;
            if (_left == 0) break;
        }
        lines.WritePosition(_position, _wasAtHead);
        await lines.FlushAsync(cancellationToken);
    }

    // Sent at once, so that a client that waits for the first event knows that it is connected.
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        context.Response.ContentType = lines.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = HeaderNames.Accept;
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        lines.WriteStart();
        await lines.FlushAsync(cancellationToken);
    }

    private async Task WriteAsync(FeedPage page, CancellationToken cancellationToken)
    {
        foreach (var some in page.Events.Take((int)Math.Min(_left, int.MaxValue)).Chunk(ResolvedAtOnce))
        {
            var contents = resolve ? await ContentsAsync(some, cancellationToken) : null;
            foreach (var next in some)
            {
                lines.WriteEvent(EventAnswer.Of(next.Run, next.Recorded, contents));
                _position = next.Recorded.Position;
                _left--;
            }
            if (lines.Unflushed >= FlushAt) await lines.FlushAsync(cancellationToken);
        }
        // Past the limit there is no telling how far the client got but by the last event.
        if (_left > 0) _position = page.Position;
        SayPosition(page);
        if (lines.Unflushed > 0) await lines.FlushAsync(cancellationToken);
    }

    // On the way where nothing else was said for long; at the head once, and then while it is idle.
    private void SayPosition(FeedPage page)
    {
        if (lines.Unflushed > 0) _said = clock.GetTimestamp();
        var reachesHead = page.AtHead && !_wasAtHead;
        if (_left == 0 || (!reachesHead && _said != 0 && clock.GetElapsedTime(_said) < heartbeat)) return;
        lines.WritePosition(_position, page.AtHead);
        _said = clock.GetTimestamp();
    }

    private Task<Func<ContentReference, JsonText>> ContentsAsync(IEnumerable<FeedEvent> events, CancellationToken cancellationToken)
    {
        var missing = events.SelectMany(next => next.Recorded.Event.LargeValues()).Where(large => large.Content is null);
        return runs.ContentsAsync(context.Tenant(), missing.Select(large => large.Reference), cancellationToken);
    }
}

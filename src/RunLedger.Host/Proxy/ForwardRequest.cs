using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Host.Proxy.Copying;

namespace RunLedger.Host.Proxy;

/// <summary>
/// <c>/proxy/{**}</c>: forwards a request to the upstream and its answer to the client, unchanged, as they come. What passes is copied for the ledger,
/// whose own failure the traffic never notices.
/// </summary>
internal sealed class ForwardRequest(ProxyOptions options, UpstreamConnection upstream, TrafficCopies copies, TimeProvider clock, ILogger<ForwardRequest> logger)
{
    private const int BufferSize = 16 * 1024;

    private int _isDown;

    /// <summary>Forwards a request.</summary>
    public async Task ForwardAsync(HttpContext context)
    {
        if (options.Upstream is null) throw ApiException.NotFound("Nothing is forwarded here: the setting Proxy:Upstream is missing.");
        if (IsWebSocket(context.Request)) throw new ApiException(StatusCodes.Status501NotImplemented, "Nothing was forwarded: WebSockets do not pass here.");
        var target = ProxyTarget.Of(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        LiftLimits(context);
        using var exchange = copies.Begin(new Passage(
            context.Tenant(), context.Request.Method, target.Path, TraceOfRequest.Of(context.Request)), context.Request);
        using var request = RequestTo(target.At(options.Upstream), context, exchange.Request);
        try
        {
            using var answer = await SendAsync(request, context);
            await PassOnAsync(answer, exchange.Answered(answer, clock.GetUtcNow()), context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            ProxyMetrics.Forwarded(ForwardOutcome.ClientGone);
            context.Abort();
        }
    }

    // Others are offers that a server may leave alone (RFC 9110, section 7.8), and some clients make one with each request.
    private static bool IsWebSocket(HttpRequest request) =>
        request.Headers.Upgrade.Any(line => line?.Contains("websocket", StringComparison.OrdinalIgnoreCase) == true);

    // How large and how slow bodies may be is between the client and the upstream.
    private static void LiftLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } sending) sending.MinDataRate = null;
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } receiving) receiving.MinDataRate = null;
    }

    private static HttpRequestMessage RequestTo(Uri address, HttpContext context, BodyCopy? copy)
    {
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), address);
        if (context.Request.ContentLength is not null || MayHaveBody(context)) request.Content = new ForwardedBody(context.Request, copy);
        EndToEndHeaders.Copy(context.Request.Headers, request);
        return request;
    }

    private static bool MayHaveBody(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
        && context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpContext context)
    {
        try
        {
            var answer = await upstream.SendAsync(request, context.RequestAborted);
            if (Interlocked.Exchange(ref _isDown, 0) == 1) logger.LogInformation("The upstream of the proxy answers again.");
            return answer;
        }
        catch (Exception failure) when (!context.RequestAborted.IsCancellationRequested)
        {
            if (request.Content is ForwardedBody { Defect: { } bad }) throw bad;
            throw Unanswered(failure);
        }
    }

    private ApiException Unanswered(Exception failure)
    {
        var isTimeout = failure is OperationCanceledException || failure.GetBaseException() is SocketException { SocketErrorCode: SocketError.TimedOut };
        ProxyMetrics.Forwarded(isTimeout ? ForwardOutcome.TimedOut : ForwardOutcome.Unreachable);
        if (Interlocked.Exchange(ref _isDown, 1) == 0)
            logger.LogWarning("The upstream of the proxy does not answer; its clients are told: {Reason}", failure.GetBaseException().Message);
        return isTimeout
            ? new ApiException(StatusCodes.Status504GatewayTimeout, $"The upstream could not be reached within {options.ConnectTimeout}.")
            : new ApiException(StatusCodes.Status502BadGateway, $"The upstream did not answer: {failure.Message}");
    }

    private static async Task PassOnAsync(HttpResponseMessage answer, AnswerCopy? copy, HttpContext context)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = answer.ReasonPhrase;
        EndToEndHeaders.Copy(answer, context.Response.Headers);
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
            await PassOnAsync(body, copy, context);
        }
        catch (Exception)
        {
            copy?.BreakOff();
            if (context.RequestAborted.IsCancellationRequested) throw;
            ProxyMetrics.Forwarded(ForwardOutcome.BrokenOff);
            context.Abort(); // Or what is there would look whole.
            return;
        }
        copy?.End();
        ProxyMetrics.Forwarded(ForwardOutcome.Passed);
    }

    private static async Task PassOnAsync(Stream body, AnswerCopy? copy, HttpContext context)
    {
        // Not of a pool: where the client goes, a read may still be under way that writes into it.
        var buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
        while (true)
        {
            var reading = body.ReadAsync(buffer, context.RequestAborted);
            if (!reading.IsCompleted) await context.Response.Body.FlushAsync(context.RequestAborted);
            var read = await reading;
            if (read == 0) return;
            var writing = context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            copy?.Add(buffer.AsSpan(0, read));
            await writing;
        }
    }
}

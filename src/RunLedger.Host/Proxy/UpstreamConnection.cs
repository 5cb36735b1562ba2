using System.Net;
using System.Text;

namespace RunLedger.Host.Proxy;

/// <summary>The way to the upstream: sends what it is given, and follows, keeps and changes nothing.</summary>
internal sealed class UpstreamConnection(ProxyOptions options) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = options.ConnectTimeout,
        // Connections are made anew now and then, so that a change of the name's addresses is noticed.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // As the server reads them.
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        UseCookies = false,
        UseProxy = options.Upstream is { IsLoopback: false },
    });

    /// <summary>Sends a request.</summary>
    /// <returns>The answer as soon as its headers are there.</returns>
    /// <exception cref="HttpRequestException">The upstream cannot be reached, or ends the connection.</exception>
    /// <exception cref="OperationCanceledException">It cannot be reached in time, or the client has gone.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _http.SendAsync(request, cancellationToken);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();
}

using System.IO.Pipelines;
using System.Net;
using RunLedger.Host.Proxy.Copying;

namespace RunLedger.Host.Proxy;

/// <summary>A request's body on its way to the upstream, as it comes.</summary>
internal sealed class ForwardedBody(HttpRequest request, BodyCopy? copy) : HttpContent
{
    private bool _isBegun;

    /// <summary>Why the client's body could not be read; null if it could.</summary>
    public BadHttpRequestException? Defect { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_isBegun) throw new IOException("What has been sent of a body is not there to be sent again.");
        _isBegun = true;
        while (true)
        {
            var read = await ReadAsync(cancellationToken);
            foreach (var segment in read.Buffer)
            {
                copy?.Add(segment.Span);
                await stream.WriteAsync(segment, cancellationToken);
            }
            request.BodyReader.AdvanceTo(read.Buffer.End);
            await stream.FlushAsync(cancellationToken);
            if (read.IsCompleted) break;
        }
        copy?.End();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = request.ContentLength ?? 0;
        return request.ContentLength is not null;
    }

    private async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await request.BodyReader.ReadAsync(cancellationToken);
        }
        catch (BadHttpRequestException bad)
        {
            Defect = bad;
            throw;
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunLedger.Bench;

/// <summary>
/// An HTTP/1.1 client on a bare socket: one request, one answer, on a connection kept open. Client and server share the machine, so that the
/// client must cost as little as it can.
/// </summary>
internal sealed class HttpClientSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];

    public async Task ConnectAsync(int port) => await _socket.ConnectAsync(IPAddress.Loopback, port);

    /// <summary>A request that pushes a body.</summary>
    public static byte[] Push(ReadOnlySpan<byte> body) =>
        [.. Encoding.ASCII.GetBytes($"POST /v1/observations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    /// <summary>Sends a request, reads its answer, and makes sure that it is a success that names an outcome.</summary>
    public async Task SendAsync(byte[] request, string outcome)
    {
        for (var sent = 0; sent < request.Length;) sent += await _socket.SendAsync(request.AsMemory(sent));
        var length = 0;
        while (!IsComplete(_buffer.AsSpan(0, length)))
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(length));
            if (read == 0) throw new IOException("The server closed the connection.");
            length += read;
        }
        if (!_buffer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8) || _buffer.AsSpan(0, length).IndexOf(Encoding.ASCII.GetBytes($"\"{outcome}\"")) < 0)
            throw new InvalidOperationException($"Not {outcome}: {Encoding.UTF8.GetString(_buffer, 0, Math.Min(length, 2_000))}");
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        var stated = answer[..end].IndexOf("Content-Length: "u8);
        if (stated < 0) return answer.EndsWith("\r\n0\r\n\r\n"u8);
        var value = answer[(stated + 16)..];
        return answer.Length >= end + 4 + int.Parse(value[..value.IndexOf("\r\n"u8)], CultureInfo.InvariantCulture);
    }
}

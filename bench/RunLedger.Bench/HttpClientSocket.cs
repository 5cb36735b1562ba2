using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunLedger.Bench;

/// <summary>
/// An HTTP/1.1 client on a bare socket: one request, one answer, on a connection kept open. Client and server share the machine, so that the
/// client must cost as little as it can: many of them are one thread that waits for whichever is answered next.
/// </summary>
internal sealed class HttpClientSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _length;

    public void Connect(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>A request that pushes a body.</summary>
    public static byte[] Push(ReadOnlySpan<byte> body) =>
        [.. Encoding.ASCII.GetBytes($"POST /v1/observations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    /// <summary>Sends a request, reads its answer, and makes sure that it is a success that names an outcome.</summary>
    public void Send(byte[] request, string outcome)
    {
        Begin(request);
        while (!ReadOn(outcome))
        {
        }
    }

    /// <summary>Sends the requests of many clients, each client's one after the other, and reads their answers.</summary>
    public static void SendAll(IReadOnlyList<HttpClientSocket> clients, IReadOnlyList<IReadOnlyList<byte[]>> requests, string outcome)
    {
        var next = new int[clients.Count];
        var clientOf = Enumerable.Range(0, clients.Count).ToDictionary(client => clients[client]._socket);
        for (var client = 0; client < clients.Count; client++) clients[client].Begin(requests[client][next[client]++]);
        var waiting = clientOf.Keys.ToList();
        var readable = new List<Socket>(clients.Count);
        while (waiting.Count > 0)
        {
            // Clients elsewhere would not take the processor from a server that is in the middle of its answers: it goes first.
            Thread.Yield();
            readable.Clear();
            readable.AddRange(waiting);
            Socket.Select(readable, null, null, Timeout.InfiniteTimeSpan);
            foreach (var socket in readable)
            {
                var client = clientOf[socket];
                if (!clients[client].ReadOn(outcome)) continue;
                if (next[client] < requests[client].Count) clients[client].Begin(requests[client][next[client]++]);
                else waiting.Remove(socket);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Begin(byte[] request)
    {
        _length = 0;
        for (var sent = 0; sent < request.Length;) sent += _socket.Send(request.AsSpan(sent));
    }

    // Reads what has come; says whether that is the whole answer.
    private bool ReadOn(string outcome)
    {
        var read = _socket.Receive(_buffer.AsSpan(_length));
        if (read == 0) throw new IOException("The server closed the connection.");
        _length += read;
        var answer = _buffer.AsSpan(0, _length);
        if (!IsComplete(answer)) return false;
        if (!answer.StartsWith("HTTP/1.1 200"u8) || answer.IndexOf(Encoding.ASCII.GetBytes($"\"{outcome}\"")) < 0)
            throw new InvalidOperationException($"Not {outcome}: {Encoding.UTF8.GetString(answer[..Math.Min(_length, 2_000)])}");
        return true;
    }

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

using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace RunLedger.Host.Tests.Polling;

/// <summary>A service that answers as a test says, where the simulated one is too well-behaved.</summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<string> _requests = new();

    private ScriptedUpstream(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(context =>
        {
            _requests.Enqueue(context.Request.Path);
            return answer(context, _requests.Count(path => path == context.Request.Path));
        });
    }

    public Uri BaseAddress { get; private set; } = null!;

    public int Requests => _requests.Count;

    /// <param name="answer">Answers a request, told how many of its path came, itself among them.</param>
    public static async Task<ScriptedUpstream> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var upstream = new ScriptedUpstream(answer);
        await upstream._server.StartAsync();
        var addresses = upstream._server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        upstream.BaseAddress = new Uri(addresses.Addresses.Single() + "/v1");
        return upstream;
    }

    /// <summary>How many requests were made for a run.</summary>
    public int RequestsFor(string run) => _requests.Count(path => path.EndsWith("/" + run, StringComparison.Ordinal));

    /// <summary>Answers with the run of the request's path.</summary>
    public static Task AnswerRunAsync(HttpContext context, string status)
    {
        var parts = context.Request.Path.Value!.Split('/');
        return context.Response.WriteAsync(RunJson(parts[^1], status, thread: parts[^3]));
    }

    /// <summary>A run as the API shows it.</summary>
    public static string RunJson(string id, string status, string instructions = "", string thread = "thread_1") =>
        $$"""{"id":"{{id}}","object":"thread.run","created_at":1790000000,"thread_id":"{{thread}}","status":"{{status}}","instructions":"{{instructions}}"}""";

    /// <summary>Answers with an error as the API does.</summary>
    public static Task AnswerErrorAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync("""{"error":{"message":"Scripted.","type":"scripted"}}""");
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}

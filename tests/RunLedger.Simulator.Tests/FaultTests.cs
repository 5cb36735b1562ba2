using System.Net;
using RunLedger.Simulator.Faults;

namespace RunLedger.Simulator.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task A_rate_limited_request_is_429_with_retry_after_and_does_nothing()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions
        {
            Faults = new FaultOptions { RateLimited = 1, RetryAfter = TimeSpan.FromSeconds(2.5) },
        });
        using var response = await service.Http.PostAsync("threads", null);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter!.Delta);
        Assert.Equal(new SimulatorCounters(Requests: 1, Faults: 1, Threads: 0, Runs: 0), service.Simulation.Counters);
    }

    [Fact]
    public async Task A_server_error_is_500_with_an_error_body()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { Faults = new FaultOptions { ServerError = 1 } });
        var error = await service.RefusedAsync(HttpStatusCode.InternalServerError, HttpMethod.Post, "threads");
        Assert.Equal("server_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_hanging_request_ends_when_the_client_gives_up()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { Faults = new FaultOptions { Hang = 1 } });
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.Http.PostAsync("threads", null, patience.Token));
        Assert.Equal(0, service.Simulation.Counters.Threads);
    }

    [Fact]
    public async Task A_hanging_request_does_not_keep_the_service_from_stopping()
    {
        var service = await SimulatedAssistants.StartAsync(new SimulatorOptions { Faults = new FaultOptions { Hang = 1 } });
        using var http = new HttpClient();
        var hanging = http.GetAsync(new Uri(service.BaseAddress + "/threads/thread_x"));
        Assert.True(SpinWait.SpinUntil(() => service.Simulation.Counters.Faults == 1, TimeSpan.FromSeconds(30)));
        await service.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hanging);
    }

    [Fact]
    public async Task A_dropped_request_was_not_carried_out_and_a_dropped_response_was()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { Faults = new FaultOptions { DroppedRequest = 1 } });
        await Assert.ThrowsAsync<HttpRequestException>(() => service.Http.PostAsync("threads", null));
        Assert.Equal(0, service.Simulation.Counters.Threads);

        service.Simulation.Faults = new FaultOptions { DroppedResponse = 1 };
        await Assert.ThrowsAsync<HttpRequestException>(() => service.Http.PostAsync("threads", null));
        Assert.NotEqual(0, service.Simulation.Counters.Threads);

        service.Simulation.Faults = FaultOptions.None;
        await service.PostAsync("threads");
    }

    [Fact]
    public async Task Faults_befall_the_share_of_requests_that_was_asked_for()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { Faults = new FaultOptions { ServerError = 0.3 } });
        for (var i = 0; i < 300; i++)
        {
            using var response = await service.Http.PostAsync("threads", null);
        }

        var counters = service.Simulation.Counters;
        Assert.InRange(counters.Faults, 60, 120);
        Assert.Equal(300 - counters.Faults, counters.Threads);
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class ProblemTests(TestApi api, TestDatabase database) : IClassFixture<TestApi>
{
    [Theory]
    [InlineData("/nothing")]
    [InlineData("/v1")]
    [InlineData("/openapi/v2.json")]
    [InlineData("/v1/runs/a/b/c")]
    [InlineData("/v1/observations/1")]
    public async Task An_unknown_path_is_a_problem(string path)
    {
        var problem = await api.Client.ProblemAsync(404, path);

        Assert.Contains(path, problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("DELETE", "/v1/runs/run_1")]
    [InlineData("GET", "/v1/observations")]
    [InlineData("POST", "/v1/usage")]
    public async Task A_method_that_a_path_does_not_take_is_a_problem(string method, string path)
    {
        using var answer = await api.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.NotEmpty(answer.Content.Headers.Allow);
        await answer.ProblemAsync(405);
    }

    [Fact]
    public async Task A_failure_tells_nothing_of_the_inside()
    {
        await using var failing = await RunningApi.StartAsync(
            database, configure: app => app.MapGet("/fail", Task (HttpContext _) => throw new InvalidOperationException("the secret is 42")));

        using var answer = await failing.Client.GetAsync("/fail");

        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync());
        await answer.ProblemAsync(500);
    }

    [Fact]
    public async Task Endpoints_of_others_answer_errors_as_they_please()
    {
        await using var other = await RunningApi.StartAsync(
            database, configure: app => app.MapGet("/proxy/{**path}", Task (HttpContext context) =>
            {
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
            }));

        using var answer = await other.Client.GetAsync("/proxy/x");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_problem_that_an_endpoint_throws_is_the_answer()
    {
        await using var other = await RunningApi.StartAsync(
            database, configure: app => app.MapGet("/conflict", Task (HttpContext _) => throw new ApiException(409, "It is being rebuilt.")));

        var problem = await other.Client.ProblemAsync(409, "/conflict");

        Assert.Equal("Conflict", problem.GetProperty("title").GetString());
        Assert.Equal("It is being rebuilt.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_problem_names_the_trace_that_its_request_is_a_part_of()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        var problem = await (await api.Client.SendAsync(request)).ProblemAsync(404);

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", problem.GetProperty("trace_id").GetString());
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("", false)]
    [InlineData("Content-Encoding: gzip\r\n", true)]
    [InlineData("Content-Encoding: gzip\r\n", false)]
    public async Task A_client_that_breaks_off_is_no_failure_of_the_ledger(string encoding, bool reset)
    {
        var (log, isReading) = (new LoggedLines(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using (var left = await RunningApi.StartAsync(database, log: log, configure: app => app.Use((HttpContext context, RequestDelegate next) =>
        {
            var answer = next(context); // Comes back where the endpoint has to wait for the rest of the body.
            isReading.TrySetResult();
            return answer;
        })))
        {
            using (var client = new Socket(SocketType.Stream, ProtocolType.Tcp))
            {
                await client.ConnectAsync(IPAddress.Loopback, left.BaseAddress.Port);
                await client.SendAsync(Encoding.ASCII.GetBytes(
                    $"POST /v1/observations HTTP/1.1\r\nHost: localhost\r\n{encoding}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n[{{"));
                await isReading.Task;
                if (reset) client.LingerState = new LingerOption(true, 0);
            }
            await left.Client.PushAsync(Samples.Run("run_after"));
        }

        Assert.Empty(log);
    }

    [Fact]
    public async Task Without_its_database_the_host_is_live_but_not_ready_and_says_when_to_come_again()
    {
        await using var cut = await RunningApi.StartAsync(database, recorder: new RecorderOptions { RetryFor = TimeSpan.Zero });
        await cut.Client.GetJsonAsync("/healthz/ready");

        await cut.Ledger.DisposeAsync();

        await cut.Client.GetJsonAsync("/healthz/live");
        foreach (var answer in new[]
        {
            await cut.Client.GetAsync("/healthz/ready"),
            await cut.Client.GetAsync("/v1/runs"),
            await cut.Client.PostAsync("/v1/observations", Requests.Json(Samples.Run("run_cut"))),
        })
        {
            Assert.NotNull(answer.Headers.RetryAfter);
            await answer.ProblemAsync(503);
        }
    }

    [Fact]
    public async Task While_its_database_can_only_be_read_the_host_is_not_ready_and_answers_what_it_can()
    {
        await using var standby = await RunningApi.StartAsync(database, recorder: new RecorderOptions { RetryFor = TimeSpan.FromMilliseconds(300) });
        await standby.Client.PushAsync(Samples.Run("run_1"));
        await SetAsync(standby, "default_transaction_read_only = on");

        foreach (var answer in new[]
        {
            await standby.Client.GetAsync("/healthz/ready"),
            await standby.Client.PostAsync("/v1/observations", Requests.Json(Samples.Run("run_2"))),
        })
        {
            Assert.NotNull(answer.Headers.RetryAfter);
            await answer.ProblemAsync(503);
        }
        await standby.Client.GetJsonAsync("/v1/runs/run_1");
    }

    [Fact]
    public async Task What_takes_longer_than_the_database_allows_may_be_sent_again()
    {
        await using var slow = await RunningApi.StartAsync(database, recorder: new RecorderOptions { RetryFor = TimeSpan.FromMilliseconds(300) });
        await SetAsync(slow, "statement_timeout = '100ms'");
        await using var connection = await slow.Ledger.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table runledger.mt_streams in access exclusive mode", connection)) await hold.ExecuteNonQueryAsync();

        using var answer = await slow.Client.PostAsync("/v1/observations", Requests.Json(Samples.Run("run_1")));

        Assert.NotNull(answer.Headers.RetryAfter);
        await answer.ProblemAsync(503);
    }

    [Fact]
    public async Task While_its_database_hangs_the_host_says_soon_that_it_is_not_ready()
    {
        await using var server = await EmbeddedPostgres.StartTemporaryAsync();
        await using var hung = await RunningApi.StartAsync(await TestDatabase.OpenLedgerAsync(server.ConnectionString));
        await hung.Client.GetJsonAsync("/healthz/ready");
        await using var asking = NpgsqlDataSource.Create(server.ConnectionString);
        await using var backends = asking.CreateCommand("select array_agg(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()");
        int[] processes = [server.ProcessId, .. (int[])(await backends.ExecuteScalarAsync())!];

        await SignalAsync("STOP", processes);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10)); // Npgsql waits 17 seconds until it gives up the connection.
            await (await hung.Client.GetAsync("/healthz/ready", limit.Token)).ProblemAsync(503);
        }
        finally
        {
            await SignalAsync("CONT", processes);
        }
    }

    private static async Task SetAsync(RunningApi api, string setting)
    {
        var text = setting.Replace("'", "''", StringComparison.Ordinal);
        await using (var set = api.Ledger.DataSource.CreateCommand($"do $$ begin execute format('alter database %I set {text}', current_database()); end $$"))
            await set.ExecuteNonQueryAsync();
        // Sessions take it from their beginning on.
        await using var others = api.Ledger.DataSource.CreateCommand(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'idle'");
        await others.ExecuteNonQueryAsync();
        api.Ledger.DataSource.Clear();
    }

    private static async Task SignalAsync(string signal, int[] processes)
    {
        using var kill = Process.Start("kill", [$"-{signal}", .. processes.Select(process => $"{process}")]);
        await kill.WaitForExitAsync();
    }
}

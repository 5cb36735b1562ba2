using System.Net;
using System.Text;
using RunLedger.Domain.Json;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class SnapshotTests(TestApi api) : IClassFixture<TestApi>
{
    private static string Queued(string id) => Samples.Run(id, "queued");

    private static string Working(string id) => Samples.Run(id, "in_progress");

    private static string Done(string id) => Samples.Run(id, change: run => run["unheard_of"] = "\ud83d\ude80");

    [Fact]
    public async Task A_run_is_given_back_as_last_observed()
    {
        await PushLifeAsync("run_now");

        Samples.AssertSame(Done("run_now"), await api.Client.GetJsonAsync("/v1/threads/thread_1/runs/run_now"));
    }

    [Theory]
    [InlineData("run_with/slash? and %")]
    [InlineData("run_with%2Fno_slash")]
    [InlineData("run/with%2Fboth%2f")]
    [InlineData("run/with%252Fmore/")]
    public async Task Whatever_an_id_is_made_of_its_run_is_found(string id)
    {
        await api.Client.PushAsync(Done(id));
        var escaped = Uri.EscapeDataString(id);

        Samples.AssertSame(Done(id), await api.Client.GetJsonAsync($"/v1/threads/thread_1/runs/{escaped}"));
        Assert.Equal(id, (await api.Client.GetJsonAsync($"/v1/runs/{escaped}")).GetProperty("run_id").GetString());
    }

    [Fact]
    public async Task A_run_is_given_back_as_it_was_at_a_version()
    {
        await PushLifeAsync("run_versions");

        Samples.AssertSame(Queued("run_versions"), await api.Client.GetJsonAsync("/v1/threads/thread_1/runs/run_versions?at_version=1"));
        Samples.AssertSame(Working("run_versions"), await api.Client.GetJsonAsync("/v1/threads/thread_1/runs/run_versions?at_version=2"));
        await api.Client.ProblemAsync(404, "/v1/threads/thread_1/runs/run_versions?at_version=1000");
    }

    [Theory]
    [InlineData("at_version=1", "at_version=2")]
    [InlineData("as_of=1780000002", "as_of=1780000007")]
    public async Task A_run_whose_thread_was_contradicted_is_found_where_it_was_and_where_it_is(string then, string later)
    {
        var id = $"run_moved_{then[..2]}";
        string Of(string thread) => Samples.Run(id, "queued", thread: thread);
        await api.Client.PushAsync(Samples.Envelope(Of("thread_a"), Samples.Epoch), Samples.Envelope(Of("thread_b"), Samples.Epoch + 5));

        Samples.AssertSame(Of("thread_a"), await api.Client.GetJsonAsync($"/v1/threads/thread_a/runs/{id}?{then}"));
        Samples.AssertSame(Of("thread_a"), await api.Client.GetJsonAsync($"/v1/threads/thread_b/runs/{id}?{then}"));
        Samples.AssertSame(Of("thread_b"), await api.Client.GetJsonAsync($"/v1/threads/thread_b/runs/{id}?{later}"));
        await api.Client.ProblemAsync(404, $"/v1/threads/thread_a/runs/{id}?{later}");
        await api.Client.ProblemAsync(404, $"/v1/threads/thread_a/runs/{id}");
        await api.Client.ProblemAsync(404, $"/v1/threads/thread_c/runs/{id}?{then}");
        await api.Client.ProblemAsync(404, $"/v1/responses/{id}?{then}");
    }

    [Fact]
    public async Task What_was_a_run_and_is_a_response_is_found_as_either_it_was()
    {
        var (run, response) = (Samples.Run("both_kinds", "queued"), Samples.Response("both_kinds", "in_progress"));
        await api.Client.PushAsync(Samples.Envelope(run, Samples.Epoch), Samples.Envelope(response, Samples.Epoch + 5));

        Samples.AssertSame(run, await api.Client.GetJsonAsync("/v1/threads/thread_1/runs/both_kinds?at_version=1"));
        Samples.AssertSame(response, await api.Client.GetJsonAsync("/v1/responses/both_kinds"));
        await api.Client.ProblemAsync(404, "/v1/threads/thread_1/runs/both_kinds");
    }

    [Theory]
    [InlineData("2026-05-28T20:26:47Z")]
    [InlineData("2026-05-28T22:26:47%2B02:00")]
    [InlineData("2026-05-28T22:26:47+02:00")]
    [InlineData("2026-05-28t20:26:47.000000z")]
    [InlineData("1780000007")]
    public async Task A_run_is_given_back_as_of_a_time(string time)
    {
        await PushLifeAsync($"run_as_of_{time.Length}");

        Samples.AssertSame(
            Working($"run_as_of_{time.Length}"), await api.Client.GetJsonAsync($"/v1/threads/thread_1/runs/run_as_of_{time.Length}?as_of={time}"));
    }

    [Fact]
    public async Task Nothing_is_known_as_of_a_time_before_the_first_observation()
    {
        await PushLifeAsync("run_before");

        await api.Client.ProblemAsync(404, "/v1/threads/thread_1/runs/run_before?as_of=2020-01-01T00:00:00Z");
    }

    [Theory]
    [InlineData("at_version=1&as_of=2026-05-28T20:26:47Z", "as_of")]
    [InlineData("at_version=0", "at_version")]
    [InlineData("at_version=-1", "at_version")]
    [InlineData("at_version=99999999999999999999", "at_version")]
    [InlineData("at_version=", "at_version")]
    [InlineData("as_of=yesterday", "as_of")]
    [InlineData("as_of=2026-13-01T00:00:00Z", "as_of")]
    [InlineData("as_of=0001-01-01T00:00:00%2B14:00", "as_of")]
    [InlineData("as_of=2026-05-28T20:26:47", "as_of")]
    [InlineData("as_of=%00", "as_of")]
    public async Task A_bad_parameter_is_named(string query, string parameter)
    {
        await PushLifeAsync("run_parameters");

        var problem = await api.Client.ProblemAsync(400, $"/v1/threads/thread_1/runs/run_parameters?{query}");

        Assert.Equal(parameter, problem.GetProperty("parameter").GetString());
    }

    [Fact]
    public async Task A_response_is_given_back_with_its_large_output()
    {
        var response = Samples.Response("resp_large", text: string.Concat(Enumerable.Repeat("long é ", 1_000)));
        await api.Client.PushAsync(response);

        Samples.AssertSame(response, await api.Client.GetJsonAsync("/v1/responses/resp_large"));
        Samples.AssertSame(response, await api.Client.GetJsonAsync("/v1/responses/resp_large?as_of=9999-12-31T23:59:59Z"));
    }

    [Fact]
    public async Task Text_and_numbers_that_databases_refuse_come_back()
    {
        var hard = Samples.Run("run_hard")[..^1] + ""","hard":"\u0000 \ud800 \udfff","number":1e400,"twice":0.10000000000000000000000000000000000001}""";
        await api.Client.PushAsync(hard);

        var body = await api.Client.GetStringAsync("/v1/threads/thread_1/runs/run_hard");

        Assert.Contains(""""hard":"\u0000 \ud800 \udfff"""", body);
        Assert.Equal(CanonicalJson.DigestOf(new JsonText(Encoding.UTF8.GetBytes(hard))), CanonicalJson.DigestOf(new JsonText(Encoding.UTF8.GetBytes(body))));
    }

    [Theory]
    [InlineData("/v1/threads/thread_1/runs/run_unknown")]
    [InlineData("/v1/threads/thread_other/runs/run_here")]
    [InlineData("/v1/threads/thread_1/runs/resp_here")]
    [InlineData("/v1/responses/resp_unknown")]
    [InlineData("/v1/responses/run_here")]
    [InlineData("/v1/runs/run_unknown")]
    [InlineData("/v1/runs/run_unknown/events")]
    public async Task What_is_unknown_or_elsewhere_is_not_found(string path)
    {
        await api.Client.PushAsync(Samples.Run("run_here"), Samples.Response("resp_here"));

        await api.Client.ProblemAsync(404, path);
    }

    [Theory]
    [InlineData("/v1/runs/%ED%A0%80")]
    [InlineData("/v1/runs/%FF%FE")]
    [InlineData("/v1/runs/%")]
    [InlineData("/v1/runs/a%2Fb")]
    [InlineData("/v1/runs/%20/events")]
    [InlineData("/v1/runs/%F0%9F%9A%80")]
    [InlineData("/v1/responses/..%2f..%2fetc")]
    [InlineData("/v1/threads/%E2%80%AE/runs/'; drop table runledger.mt_events; --")]
    public async Task Junk_in_a_path_is_not_found(string path)
    {
        var asItIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Client.BaseAddress + path[1..], asItIs));

        using var answer = await api.Client.SendAsync(request);

        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{answer.StatusCode}");
    }

    [Fact]
    public async Task U0000_in_a_path_is_a_bad_request()
    {
        using var answer = await api.Client.GetAsync("/v1/runs/run%00");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private async Task PushLifeAsync(string id) => await api.Client.PushAsync(
        Samples.Envelope(Queued(id), Samples.Epoch), Samples.Envelope(Working(id), Samples.Epoch + 3), Samples.Envelope(Done(id), Samples.Epoch + 10));
}

using System.Text.Json;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class ThreadRunsTests(TestApi api) : IClassFixture<TestApi>
{
    [Fact]
    public async Task The_runs_of_a_thread_are_listed_as_the_assistants_api_does_newest_first()
    {
        var runs = await PushAsync("thread_list", 3);
        await api.Client.PushAsync(Samples.Run("run_elsewhere", thread: "thread_elsewhere"));

        var list = await api.Client.GetJsonAsync("/v1/threads/thread_list/runs");

        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(["thread_list_2", "thread_list_1", "thread_list_0"], list.Ids("id"));
        Assert.Equal("thread_list_2", list.GetProperty("first_id").GetString());
        Assert.Equal("thread_list_0", list.GetProperty("last_id").GetString());
        Assert.False(list.GetProperty("has_more").GetBoolean());
        Samples.AssertSame(runs[2], list.GetProperty("data")[0]);
    }

    [Fact]
    public async Task A_thread_without_runs_has_an_empty_list()
    {
        var list = await api.Client.GetJsonAsync("/v1/threads/thread_unknown/runs");

        Assert.Equal(0, list.GetProperty("data").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, list.GetProperty("first_id").ValueKind);
        Assert.Equal(JsonValueKind.Null, list.GetProperty("last_id").ValueKind);
        Assert.False(list.GetProperty("has_more").GetBoolean());
    }

    [Theory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task Pages_lead_forwards_with_after_and_back_with_before(string order)
    {
        var thread = $"thread_pages_{order}";
        await PushAsync(thread, 25);
        var all = (await api.Client.GetJsonAsync($"/v1/threads/{thread}/runs?limit=100&order={order}")).Ids("id");
        Assert.Equal(25, all.Length);
        Assert.Equal(order == "asc" ? $"{thread}_0" : $"{thread}_24", all[0]);

        var standard = await api.Client.GetJsonAsync($"/v1/threads/{thread}/runs?order={order}");
        Assert.Equal(all[..20], standard.Ids("id"));
        Assert.True(standard.GetProperty("has_more").GetBoolean());

        var last = await api.Client.GetJsonAsync($"/v1/threads/{thread}/runs?order={order}&after={all[19]}");
        Assert.Equal(all[20..], last.Ids("id"));
        Assert.False(last.GetProperty("has_more").GetBoolean());

        var back = await api.Client.GetJsonAsync($"/v1/threads/{thread}/runs?order={order}&limit=5&before={all[20]}");
        Assert.Equal(all[15..20], back.Ids("id"));
        Assert.True(back.GetProperty("has_more").GetBoolean());

        var between = await api.Client.GetJsonAsync($"/v1/threads/{thread}/runs?order={order}&after={all[3]}&before={all[7]}");
        Assert.Equal(all[4..7], between.Ids("id"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("order=sideways", "order")]
    [InlineData("after=run_unknown", "after")]
    [InlineData("before=run_unknown", "before")]
    [InlineData("after=run_of_another_thread", "after")]
    [InlineData("before=run_of_another_thread", "before")]
    [InlineData("after=resp_of_the_thread", "after")]
    [InlineData("after=%00", "after")]
    public async Task A_bad_parameter_is_named(string query, string parameter)
    {
        var response = Samples.Response("resp_of_the_thread")[..^1] + ""","conversation":{"id":"thread_list"}}""";
        await api.Client.PushAsync(Samples.Run("run_of_another_thread", thread: "thread_elsewhere"), response);

        var problem = await api.Client.ProblemAsync(400, $"/v1/threads/thread_list/runs?{query}");

        Assert.Equal(parameter, problem.GetProperty("parameter").GetString());
    }

    private async Task<string[]> PushAsync(string thread, int count)
    {
        var runs = Enumerable.Range(0, count).Select(i => Samples.Run($"{thread}_{i}", at: Samples.Epoch + i, thread: thread)).ToArray();
        await api.Client.PushAsync(runs);
        return runs;
    }
}

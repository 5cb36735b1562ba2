using System.Net;
using System.Text.Json;
using RunLedger.Simulator.Assistants;

namespace RunLedger.Simulator.Tests;

public sealed class ListRunsTests
{
    [Fact]
    public async Task An_empty_thread_lists_no_runs()
    {
        await using var service = await Service.StartAsync();
        var thread = await service.PostAsync("threads");
        var page = await service.GetAsync($"threads/{thread.GetProperty("id").GetString()}/runs");
        Assert.Equal("""{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}""", page.GetRawText());
    }

    [Theory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task Pages_after_the_last_id_walk_through_every_run_once(string order)
    {
        await using var service = await Service.StartAsync();
        var (path, expected) = await CreateRunsAsync(service, 7, order);
        var walked = new List<string>();
        var cursor = "";
        JsonElement page;
        do
        {
            page = await service.GetAsync($"{path}?limit=3&order={order}{cursor}");
            walked.AddRange(IdsOf(page));
            cursor = "&after=" + page.GetProperty("last_id").GetString();
        }
        while (page.GetProperty("has_more").GetBoolean());

        Assert.Equal(expected, walked);
    }

    [Theory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task Pages_before_the_first_id_walk_back_through_every_run_once(string order)
    {
        await using var service = await Service.StartAsync();
        var (path, expected) = await CreateRunsAsync(service, 7, order);
        var walked = new List<string> { expected[^1] };
        JsonElement page;
        do
        {
            page = await service.GetAsync($"{path}?limit=4&order={order}&before={walked[0]}");
            walked.InsertRange(0, IdsOf(page));
        }
        while (page.GetProperty("has_more").GetBoolean());

        Assert.Equal(expected, walked);
    }

    [Fact]
    public async Task Both_cursors_together_list_what_lies_between_them()
    {
        await using var service = await Service.StartAsync();
        var (path, expected) = await CreateRunsAsync(service, 5, "asc");
        var page = await service.GetAsync($"{path}?order=asc&after={expected[0]}&before={expected[4]}");
        Assert.Equal(expected[1..4], IdsOf(page));
        Assert.False(page.GetProperty("has_more").GetBoolean());
    }

    [Fact]
    public async Task Twenty_runs_newest_first_are_listed_unless_asked_otherwise()
    {
        await using var service = await Service.StartAsync();
        var (path, expected) = await CreateRunsAsync(service, 21, "desc");
        var page = await service.GetAsync(path);
        Assert.Equal(expected[..20], IdsOf(page));
        Assert.Equal(expected[0], page.GetProperty("first_id").GetString());
        Assert.Equal(expected[19], page.GetProperty("last_id").GetString());
        Assert.True(page.GetProperty("has_more").GetBoolean());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=few", "limit")]
    [InlineData("order=upwards", "order")]
    [InlineData("after=run_unknown", "after")]
    [InlineData("before=run_unknown", "before")]
    public async Task A_parameter_out_of_its_range_is_refused_by_name(string query, string param)
    {
        await using var service = await Service.StartAsync();
        var (path, _) = await CreateRunsAsync(service, 1, "asc");
        var error = await service.RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"{path}?{query}");
        Assert.Equal(param, error.GetProperty("param").GetString());
    }

    private static async Task<(string Path, string[] Ids)> CreateRunsAsync(Service service, int count, string order)
    {
        var path = $"threads/{(await service.PostAsync("threads")).GetProperty("id").GetString()}/runs";
        var ids = new List<string>();
        while (ids.Count < count)
        {
            var run = await service.PostAsync(path, new { assistant_id = SimulatedAssistant.Writer.Id });
            ids.Add(run.GetProperty("id").GetString()!);
        }

        return (path, [.. order == "asc" ? ids : Enumerable.Reverse(ids)]);
    }

    private static IEnumerable<string> IdsOf(JsonElement page) =>
        page.GetProperty("data").EnumerateArray().Select(run => run.GetProperty("id").GetString()!);
}

using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using RunLedger.Host.Tests.CommandLine;
using RunLedger.Host.Tests.Polling;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed partial class OpenApiTests(OpenApiTests.Served served) : IClassFixture<OpenApiTests.Served>
{
    /// <summary>What the program itself serves, all that it maps included.</summary>
    public sealed partial class Served(TestDatabase database) : IAsyncLifetime
    {
        public string Description { get; private set; } = "";

        public async Task InitializeAsync()
        {
            using var serve = Invocation.Start(await database.CreateAsync(), "serve", "--urls", "http://127.0.0.1:0");
            await Eventually.HoldsAsync("it listens", () => Address().IsMatch(serve.Said));
            using var client = new HttpClient { BaseAddress = new Uri(Address().Match(serve.Said).Value) };
            Description = await client.GetStringAsync("/openapi/v1.json");
        }

        public Task DisposeAsync() => Task.CompletedTask;

        [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
        private static partial Regex Address();
    }

    [Fact]
    public void The_description_is_valid_and_has_every_operation()
    {
        var document = Read();

        Assert.Equal(
            [
                "DELETE /v1/prices", "DELETE /v1/watches", "GET /healthz/live", "GET /healthz/ready", "GET /v1/audit/checkpoint",
                "GET /v1/audit/proof/{run_id}", "GET /v1/events", "GET /v1/organization/usage/completions", "GET /v1/prices", "GET /v1/projections",
                "GET /v1/quarantine", "GET /v1/responses/{response_id}", "GET /v1/runs", "GET /v1/runs/{run_id}", "GET /v1/runs/{run_id}/events",
                "GET /v1/threads/{thread_id}/runs", "GET /v1/threads/{thread_id}/runs/{run_id}", "GET /v1/usage", "GET /v1/watches",
                "POST /v1/observations", "POST /v1/projections/{name}/rebuild", "POST /v1/quarantine/retry", "POST /v1/watches", "PUT /v1/prices",
            ],
            document.Paths.SelectMany(path => path.Value.Operations!.Select(operation => $"{operation.Key.Method} {path.Key}")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_operation_says_what_it_does_what_it_takes_and_what_it_answers()
    {
        foreach (var (path, operations) in (Read()).Paths)
        {
            foreach (var operation in operations.Operations!.Values)
            {
                Assert.False(string.IsNullOrEmpty(operation.Summary), path);
                Assert.False(string.IsNullOrEmpty(operation.OperationId), path);
                Assert.Contains(operation.Responses!.Keys, status => status is "200" or "202" or "204");
                Assert.All(operation.Parameters ?? [], parameter => Assert.False(string.IsNullOrEmpty(parameter.Description), $"{path} {parameter.Name}"));
                Assert.All(operation.Parameters ?? [], parameter => Assert.NotNull(parameter.Schema));
                if (path.StartsWith("/v1", StringComparison.Ordinal)) Assert.NotEmpty(operation.Security!);
            }
        }
    }

    [Fact]
    public void Schemas_have_the_names_that_are_on_the_wire()
    {
        var schemas = (Read()).Components!.Schemas!;

        Assert.Superset(
            new HashSet<string> { "run_id", "thread_id", "created_at", "late_observations", "usage" }, schemas["RunAnswer"].Properties!.Keys.ToHashSet());
        Assert.Superset(new HashSet<string> { "receipts" }, schemas["ReceiptList"].Properties!.Keys.ToHashSet());
        Assert.Superset(new HashSet<string> { "type", "title", "status", "detail", "parameter", "trace_id" }, schemas["Problem"].Properties!.Keys.ToHashSet());
    }

    [Fact]
    public void Words_are_those_of_the_description_and_not_of_the_code()
    {
        Assert.Equal("Record observations", Operation("/v1/observations", HttpMethod.Post).Summary);
        Assert.Equal("Set prices", Operation("/v1/prices", HttpMethod.Put).Summary);
        Assert.Equal("Watch a run or a thread", Operation("/v1/watches", HttpMethod.Post).Summary);
        Assert.Equal(["200", "201", "400", "401", "403", "413", "415", "503"], Operation("/v1/watches", HttpMethod.Post).Responses!.Keys.Order());
        Assert.Equal(["204", "400", "401", "403", "404", "503"], Operation("/v1/watches", HttpMethod.Delete).Responses!.Keys.Order());
    }

    [Fact]
    public void Every_body_and_every_answer_has_a_schema()
    {
        foreach (var (path, operations) in Read().Paths)
        {
            foreach (var (method, operation) in operations.Operations!)
            {
                var contents = operation.Responses!.Values.Select(answer => answer.Content).Append(operation.RequestBody?.Content);
                foreach (var (type, content) in contents.OfType<IDictionary<string, OpenApiMediaType>>().SelectMany(content => content))
                    Assert.True(content.Schema is OpenApiSchemaReference { Target: not null } or { Type: JsonSchemaType.String }, $"{method} {path} {type}");
            }
        }
    }

    [Theory]
    [InlineData("/v1/threads/{thread_id}/runs", "ListRunsResponse", "data")]
    [InlineData("/v1/threads/{thread_id}/runs/{run_id}", "RunObject", "thread_id")]
    [InlineData("/v1/responses/{response_id}", "Response", "output")]
    public void Objects_of_the_APIs_are_open(string path, string name, string field)
    {
        var schema = Assert.IsType<OpenApiSchemaReference>(Operation(path, HttpMethod.Get).Responses!["200"].Content!["application/json"].Schema);

        Assert.Equal(name, schema.Reference.Id);
        Assert.Contains(field, schema.Properties!.Keys);
        Assert.NotNull(schema.AdditionalProperties);
    }

    [Fact]
    public void Parameters_say_what_they_take()
    {
        Assert.True(Operation("/v1/prices", HttpMethod.Delete).Parameters!.Single(parameter => parameter.Name == "model").Required);
        var buckets = Operation("/v1/organization/usage/completions", HttpMethod.Get).Parameters!;
        Assert.True(buckets.Single(parameter => parameter.Name == "start_time").Required);
        Assert.Contains("api_key_id", buckets.Single(parameter => parameter.Name == "group_by").Schema!.Items!.Enum!.Select(word => $"{word}"));
        foreach (var flag in (string[])["follow", "resolve"])
            Assert.Equal(JsonSchemaType.Boolean, Operation("/v1/events", HttpMethod.Get).Parameters!.Single(parameter => parameter.Name == flag).Schema!.Type);
        foreach (var path in (string[])["/v1/runs", "/v1/usage"])
            Assert.Superset(
                new HashSet<string?> { "assistant", "assistant_id", "thread", "thread_id", "metadata" },
                Operation(path, HttpMethod.Get).Parameters!.Select(parameter => parameter.Name).ToHashSet());
    }

    [Fact]
    public void Schemas_say_what_is_always_there_and_of_which_words_it_is()
    {
        var schemas = Read().Components!.Schemas!;

        Assert.All(
            schemas.Where(schema => schema.Value.Properties?.ContainsKey("object") == true),
            schema => Assert.True(schema.Value.Required!.Contains("object") && schema.Value.Properties!["object"].Type == JsonSchemaType.String, schema.Key));
        Assert.Equal(
            ["recorded", "unchanged", "late", "quarantined", "skipped"], schemas["ReceiptAnswer"].Properties!["outcome"].Enum!.Select(word => $"{word}"));
        Assert.DoesNotContain("error", schemas["ReceiptAnswer"].Required!);
        Assert.Equal("date-time", schemas["UsageAnswer"].Properties!["hour"].Format);
        Assert.Equal("date-time", schemas["WatchAnswer"].Properties!["next_poll_at"].Format);
    }

    private OpenApiOperation Operation(string path, HttpMethod method) => Read().Paths[path].Operations![method];

    private OpenApiDocument Read()
    {
        var read = OpenApiDocument.Parse(served.Description, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        return read.Document!;
    }
}

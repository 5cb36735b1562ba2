using Microsoft.OpenApi;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class OpenApiTests(TestApi api) : IClassFixture<TestApi>
{
    [Fact]
    public async Task The_description_is_valid_and_has_every_operation()
    {
        var document = await ReadAsync();

        Assert.Equal(
            [
                "DELETE /v1/prices", "GET /healthz/live", "GET /healthz/ready", "GET /v1/events", "GET /v1/prices", "GET /v1/projections",
                "GET /v1/quarantine", "GET /v1/responses/{response_id}", "GET /v1/runs", "GET /v1/runs/{run_id}", "GET /v1/runs/{run_id}/events",
                "GET /v1/threads/{thread_id}/runs", "GET /v1/threads/{thread_id}/runs/{run_id}", "GET /v1/usage", "POST /v1/observations",
                "POST /v1/projections/{name}/rebuild", "POST /v1/quarantine/retry", "PUT /v1/prices",
            ],
            document.Paths.SelectMany(path => path.Value.Operations!.Select(operation => $"{operation.Key.Method} {path.Key}")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_what_it_takes_and_what_it_answers()
    {
        foreach (var (path, operations) in (await ReadAsync()).Paths)
        {
            foreach (var operation in operations.Operations!.Values)
            {
                Assert.False(string.IsNullOrEmpty(operation.Summary), path);
                Assert.False(string.IsNullOrEmpty(operation.OperationId), path);
                Assert.Contains(operation.Responses!.Keys, status => status is "200" or "202");
                Assert.All(operation.Parameters ?? [], parameter => Assert.False(string.IsNullOrEmpty(parameter.Description), $"{path} {parameter.Name}"));
                Assert.All(operation.Parameters ?? [], parameter => Assert.NotNull(parameter.Schema));
                if (path.StartsWith("/v1", StringComparison.Ordinal)) Assert.NotEmpty(operation.Security!);
            }
        }
    }

    [Fact]
    public async Task Schemas_have_the_names_that_are_on_the_wire()
    {
        var schemas = (await ReadAsync()).Components!.Schemas!;

        Assert.Superset(
            new HashSet<string> { "run_id", "thread_id", "created_at", "late_observations", "usage" }, schemas["RunAnswer"].Properties!.Keys.ToHashSet());
        Assert.Superset(new HashSet<string> { "receipts" }, schemas["ReceiptList"].Properties!.Keys.ToHashSet());
        Assert.Superset(new HashSet<string> { "type", "title", "status", "detail", "parameter", "trace_id" }, schemas["Problem"].Properties!.Keys.ToHashSet());
    }

    private async Task<OpenApiDocument> ReadAsync()
    {
        var read = OpenApiDocument.Parse(await api.Client.GetStringAsync("/openapi/v1.json"), "json");
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        return read.Document!;
    }
}

using System.Net;
using RunLedger.Host.Api.Keys;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class ListenPolicyTests(TestApi api) : IClassFixture<TestApi>
{
    [Theory]
    [InlineData("http://localhost:5000")]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://127.9.9.9:5000;https://[::1]:5001")]
    [InlineData("http://app.localhost:5000")]
    [InlineData("http://unix:/run/runledger.sock")]
    public void Loopback_needs_no_keys(string urls) => Assert.Null(ListenPolicy.Check([urls], keysConfigured: false));

    [Theory]
    [InlineData("http://*:5000")]
    [InlineData("http://+:5000")]
    [InlineData("http://0.0.0.0:5000")]
    [InlineData("http://[::]:5000")]
    [InlineData("http://192.168.1.5:5000")]
    [InlineData("http://ledger.example.com:5000")]
    [InlineData("http://localhost.example.com:5000")]
    [InlineData("http://127.0.0.1:5000;http://0.0.0.0:5001")]
    public void Any_other_address_needs_keys(string urls)
    {
        Assert.Contains("no keys", ListenPolicy.Check([urls], keysConfigured: false));
        Assert.Null(ListenPolicy.Check([urls], keysConfigured: true));
    }

    [Fact]
    public void What_is_no_address_is_refused_with_or_without_keys() => Assert.NotNull(ListenPolicy.Check(["nonsense"], keysConfigured: true));

    [Theory]
    [InlineData("ledger.example.com")]
    [InlineData("127.0.0.1.example.com:80")]
    [InlineData("10.0.0.1")]
    public async Task Without_keys_a_request_to_another_name_is_refused(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/runs");
        request.Headers.Host = host;

        await (await api.Client.SendAsync(request)).ProblemAsync(403);
    }

    [Theory]
    [InlineData("https://evil.example.com", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:3000", HttpStatusCode.OK)]
    public async Task Without_keys_only_pages_on_loopback_are_served(string origin, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/runs");
        request.Headers.Add("Origin", origin);

        using var answer = await api.Client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Without_keys_any_authorization_is_ignored()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/runs");
        request.Headers.Add("Authorization", "Bearer sk-whatever");

        using var answer = await api.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}

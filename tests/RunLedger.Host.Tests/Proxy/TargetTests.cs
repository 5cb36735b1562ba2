using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RunLedger.Host.Tests.Api;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>Where requests go.</summary>
[Collection(TestDatabase.Collection)]
public sealed class TargetTests(SharedProxy shared, TestDatabase database) : IClassFixture<SharedProxy>
{
    private RunningProxy Proxy => shared.Running;

    [Theory]
    [InlineData("/proxy/threads/thread_1/runs?limit=2&after=a%2Fb", "/v1/threads/thread_1/runs?limit=2&after=a%2Fb")]
    [InlineData("/proxy/threads/a%2Fb%2fc/runs", "/v1/threads/a%2Fb%2fc/runs")]
    [InlineData("/proxy/%7Ea/~b/%41/a%20b/+", "/v1/%7Ea/~b/%41/a%20b/+")]
    [InlineData("/proxy/x?y=../..&include[]=step_details.tool_calls%5B%2A%5D", "/v1/x?y=../..&include[]=step_details.tool_calls%5B%2A%5D")]
    [InlineData("/proxy/a//b/", "/v1/a//b/")]
    [InlineData("/proxy//evil.example.com/x", "/v1//evil.example.com/x")]
    [InlineData("/proxy/a...b/.c/..d/%252e%252e/e", "/v1/a...b/.c/..d/%252e%252e/e")]
    [InlineData("/proxy/", "/v1/")]
    [InlineData("/proxy", "/v1")]
    [InlineData("/proxy?a=b", "/v1?a=b")]
    [InlineData("/PROXY/x", "/v1/x")]
    public async Task Path_and_query_reach_the_upstream_byte_for_byte(string sent, string seen)
    {
        Proxy.Answer = context => context.Response.WriteAsync(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        using var answer = await SendAsync(sent);

        Assert.Equal((HttpStatusCode.OK, seen), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("/proxy/../proxy/x")]
    [InlineData("/proxy/a/../../admin/../proxy")]
    [InlineData("/proxy/a/..%2f..%2fadmin")]
    [InlineData("/proxy/%2e%2e/proxy/admin")]
    [InlineData("/proxy/a/b/%2E./admin")]
    [InlineData("/proxy/a/..\\..\\admin")]
    [InlineData("/proxy/a/..%5c..%5cadmin")]
    [InlineData("/proxy/./a")]
    [InlineData("/proxy/a/%2e")]
    [InlineData("/x/../proxy/a")]
    [InlineData("/%70roxy/a")]
    public async Task What_could_lead_out_of_the_upstreams_path_is_refused(string sent)
    {
        Proxy.Answer = context => throw new InvalidOperationException($"{context.Request.Path} got through.");

        await (await SendAsync(sent)).ProblemAsync(400);
    }

    [Theory]
    [InlineData("/proxy/../nowhere")]
    [InlineData("/proxy/%2e%2E/nowhere")]
    public async Task What_leaves_the_proxys_own_path_is_no_request_to_it(string sent)
    {
        Proxy.Answer = context => throw new InvalidOperationException($"{context.Request.Path} got through.");

        await (await SendAsync(sent)).ProblemAsync(404);
    }

    [Fact]
    public async Task Without_an_upstream_the_answer_says_which_setting_is_missing()
    {
        await using var api = await RunningProxy.HostAsync(database, []);

        var problem = await api.Client.ProblemAsync(404, "/proxy/v1/threads");

        Assert.Contains("Proxy:Upstream", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> SendAsync(string target)
    {
        var asSent = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        return Proxy.Client.GetAsync(new Uri(Proxy.Api.BaseAddress.GetLeftPart(UriPartial.Authority) + target, asSent));
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class DashboardTests(TestApi api) : IClassFixture<TestApi>
{
    [Fact]
    public async Task The_page_is_self_contained_and_its_policy_allows_only_its_own_script_and_style()
    {
        using var answer = await api.Client.GetAsync("/");
        var page = await answer.Content.ReadAsStringAsync();
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();

        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("<!doctype html>", page);
        Assert.DoesNotMatch("(src|href)=\"?(https?:)?/", page);
        Assert.Contains("default-src 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        foreach (var element in (string[])["style", "script"])
        {
            var inside = Regex.Match(page, $"<{element}>(.*?)</{element}>", RegexOptions.Singleline).Groups[1].Value;
            Assert.Contains($"{element}-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(inside)))}'", policy);
        }
    }

    [Theory]
    [InlineData("innerHTML")]
    [InlineData("outerHTML")]
    [InlineData("insertAdjacentHTML")]
    [InlineData("document.write")]
    [InlineData("eval(")]
    [InlineData("style=\"")]
    [InlineData("onclick=\"")]
    public async Task The_page_never_makes_markup_of_data(string construct) => Assert.DoesNotContain(construct, await api.Client.GetStringAsync("/"));
}

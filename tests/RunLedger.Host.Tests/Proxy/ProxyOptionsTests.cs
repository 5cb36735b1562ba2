using Microsoft.Extensions.Configuration;
using RunLedger.Host.Proxy;
using RunLedger.Host.Tests.CommandLine;

namespace RunLedger.Host.Tests.Proxy;

public sealed class ProxyOptionsTests
{
    [Theory]
    [InlineData("Proxy:Upstream", "api.example.com/v1")]
    [InlineData("Proxy:Upstream", "/v1")]
    [InlineData("Proxy:Upstream", "ftp://api.example.com")]
    [InlineData("Proxy:Upstream", "https://api.example.com?x=y")]
    [InlineData("Proxy:Upstream", "https://api.example.com/#x")]
    [InlineData("Proxy:Upstream", "https://user:word@api.example.com")]
    [InlineData("Proxy:LargestCopy", "0")]
    [InlineData("Proxy:LargestCopy", "16MB")]
    [InlineData("Proxy:MostWaiting", "-1")]
    [InlineData("Proxy:ConnectTimeout", "soon")]
    [InlineData("Proxy:ConnectTimeout", "00:00:00")]
    public void A_wrong_setting_is_refused_by_its_name(string name, string value)
    {
        var wrong = Assert.Throws<InvalidOperationException>(() => Read((name, value)));
        Assert.StartsWith($"{name} is '{value}'", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_are_read()
    {
        Assert.Equal(new ProxyOptions(), Read());
        Assert.Equal(
            new ProxyOptions { Upstream = new Uri("https://api.example.com/v1"), LargestCopy = 1, MostWaiting = 2, ConnectTimeout = TimeSpan.FromSeconds(3) },
            Read(("Proxy:Upstream", "https://api.example.com/v1"), ("Proxy:LargestCopy", "1"), ("Proxy:MostWaiting", "2"), ("Proxy:ConnectTimeout", "00:00:03")));
    }

    [Fact]
    public async Task A_host_with_a_wrong_setting_does_not_start()
    {
        using var serve = Invocation.Start("Host=/nowhere", [KeyValuePair.Create("Proxy__Upstream", "api.example.com")], "serve");
        var ended = await serve.EndAsync();

        Assert.Empty(ended.Expect(2));
        var said = Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("runledger: Proxy:Upstream is 'api.example.com'", said, StringComparison.Ordinal);
    }

    private static ProxyOptions Read(params (string Name, string Value)[] settings) => ProxyOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());
}

using Microsoft.Extensions.Configuration;
using RunLedger.Host.Polling;

namespace RunLedger.Host.Tests.Polling;

public sealed class PollingOptionsTests
{
    [Fact]
    public void Settings_are_read_by_their_names()
    {
        var options = Read(
            ("Upstreams:0:name", "live"), ("Upstreams:0:base_url", "https://api.example.com/v1"), ("Upstreams:0:api_key", "sk-1"),
            ("Upstreams:0:tenant", "acme"), ("Upstreams:0:threads:0", "thread_1"), ("Upstreams:0:threads:1", "thread_2"),
            ("Upstreams:0:poll_interval", "00:00:02"), ("Upstreams:0:longest_interval", "00:01:00"), ("Upstreams:0:request_timeout", "00:00:20"),
            ("Upstreams:0:max_concurrency", "4"), ("Upstreams:0:headers:X-Team", "audit"), ("Polling:lease", "00:00:30"));
        var upstream = Assert.Single(options.Upstreams);
        Assert.Equal(("live", "https://api.example.com/v1", "sk-1", "acme"), (upstream.Name, upstream.BaseUrl, upstream.ApiKey, upstream.Tenant));
        Assert.Equal(["thread_1", "thread_2"], upstream.Threads);
        Assert.Equal((2, 60, 20), (upstream.PollInterval.TotalSeconds, upstream.LongestInterval?.TotalSeconds, upstream.RequestTimeout.TotalSeconds));
        Assert.Equal(("audit", 4, 30), (upstream.Headers["X-Team"], upstream.MaxConcurrency, options.Lease.TotalSeconds));
    }

    [Fact]
    public void Without_settings_there_is_nothing_to_poll() => Assert.Empty(Read().Upstreams);

    [Theory]
    [InlineData("Upstreams:0:name", "", "Upstreams:0:name is missing")]
    [InlineData("Upstreams:0:base_url", "api.example.com", "Upstreams:0:base_url is 'api.example.com'")]
    [InlineData("Upstreams:0:api_key", "sk\n1", "Upstreams:0:api_key ")]
    [InlineData("Upstreams:0:threads:0", "", "Upstreams:0:threads has ''")]
    [InlineData("Upstreams:0:poll_interval", "00:00:00", "Upstreams:0:poll_interval is 00:00:00")]
    [InlineData("Upstreams:0:poll_interval", "often", "Upstreams:0:poll_interval")]
    [InlineData("Upstreams:0:longest_interval", "00:00:00.5", "Upstreams:0:longest_interval is 00:00:00.5")]
    [InlineData("Upstreams:0:request_timeout", "-00:00:01", "Upstreams:0:request_timeout is -00:00:01")]
    [InlineData("Upstreams:0:max_concurrency", "0", "Upstreams:0:max_concurrency is 0")]
    [InlineData("Upstreams:0:headers:Not a name", "x", "Upstreams:0:headers:Not a name ")]
    [InlineData("Upstreams:0:pol_interval", "00:00:01", "pol_interval")]
    [InlineData("Upstreams:1:name", "live", "2 of them have the name 'live'")]
    [InlineData("Polling:lease", "00:00:00", "Polling:lease is 00:00:00")]
    public void A_wrong_setting_is_named(string key, string value, string named)
    {
        var wrong = Assert.Throws<InvalidOperationException>(() =>
            Read(("Upstreams:0:name", "live"), ("Upstreams:0:base_url", "https://api.example.com/v1"), (key, value)));
        Assert.Contains(named, wrong.Message, StringComparison.Ordinal);
    }

    private static PollingOptions Read(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>();
        foreach (var (key, value) in settings) all[key] = value;
        return PollingOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(all).Build());
    }
}

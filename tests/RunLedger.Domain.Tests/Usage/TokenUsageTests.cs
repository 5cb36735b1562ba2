using System.Text;
using RunLedger.Domain.Json;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Tests.Usage;

public class TokenUsageTests
{
    public static TheoryData<string, string, TokenUsage?> Stated => new()
    {
        {
            "a run's usage",
            """
            {
              "prompt_tokens":627,"completion_tokens":34,"total_tokens":661,
              "prompt_token_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":7}
            }
            """,
            new TokenUsage(627, 34, 661, 5, 7)
        },
        {
            "a response's usage",
            """{"input_tokens":74,"input_tokens_details":{"cached_tokens":3},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":94}""",
            new TokenUsage(74, 20, 94, 3, 2)
        },
        { "details in the plural", """{"prompt_tokens":1,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1}}""", new TokenUsage(1, 2, 3, 1, 0) },
        { "no total", """{"prompt_tokens":1,"completion_tokens":2}""", new TokenUsage(1, 2, 3, 0, 0) },
        { "a total of null", """{"prompt_tokens":1,"completion_tokens":2,"total_tokens":null}""", new TokenUsage(1, 2, 3, 0, 0) },
        { "a total that is not the sum", """{"prompt_tokens":1,"completion_tokens":2,"total_tokens":4}""", new TokenUsage(1, 2, 4, 0, 0) },
        { "null under one API's name and a count under the other's", """{"prompt_tokens":null,"input_tokens":5,"output_tokens":1}""", new TokenUsage(5, 1, 6, 0, 0) },
        { "null details under one name and details under the other", """{"prompt_token_details":null,"prompt_tokens_details":{"cached_tokens":4}}""", new TokenUsage(0, 0, 0, 4, 0) },
        { "counts that are written otherwise", """{"prompt_tokens":1e3,"completion_tokens":2.0}""", new TokenUsage(1000, 2, 1002, 0, 0) },
        { "nothing stated", "{}", default(TokenUsage) },
        { "no usage yet", "null", null },
    };

    [Theory]
    [MemberData(nameof(Stated))]
    public void Usage_is_read_under_the_names_of_either_api(string what, string json, TokenUsage? expected) =>
        Assert.Equal((what, expected), (what, TokenUsage.Read(new JsonText(Encoding.UTF8.GetBytes(json)))));

    [Fact]
    public void No_field_is_no_usage() => Assert.Null(TokenUsage.Read(null));

    [Fact]
    public void Usages_are_added_and_taken_away_count_by_count()
    {
        var (x, y) = (new TokenUsage(1, 2, 3, 4, 5), new TokenUsage(10, 20, 30, 40, 50));
        Assert.Equal(new TokenUsage(11, 22, 33, 44, 55), x + y);
        Assert.Equal(x, x + y - y);
        Assert.Equal((x + y, x - y), (TokenUsage.Add(x, y), TokenUsage.Subtract(x, y)));
    }
}

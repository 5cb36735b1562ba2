using System.Text.Json;
using RunLedger.Domain.Wire;
using static RunLedger.Domain.Tests.Wire.WireAssert;

namespace RunLedger.Domain.Tests.Wire;

public class ToolTests
{
    [Theory]
    [InlineData("""{ "type": "code_interpreter" }""", typeof(AssistantToolsCodeInterpreter))]
    [InlineData("""{ "type": "file_search" }""", typeof(AssistantToolsFileSearch))]
    [InlineData("""{ "type": "file_search", "file_search": null }""", typeof(AssistantToolsFileSearch))]
    [InlineData("""{ "file_search": { "ranking_options": null, "x": 1 }, "type": "file_search" }""", typeof(AssistantToolsFileSearch))]
    [InlineData("""{ "type": "function", "function": { "name": "f" } }""", typeof(AssistantToolsFunction))]
    [InlineData(
        """{ "type": "function", "function": { "name": "f", "description": null, "parameters": null, "strict": null } }""",
        typeof(AssistantToolsFunction))]
    [InlineData("""{ "type": "sonar", "sonar": { "range": 12 } }""", typeof(AssistantToolsUnknown))]
    public void A_tool_is_read_by_its_type_and_keeps_absent_and_null_apart(string json, Type type)
    {
        AssistantTools tool = ToolOf(json);

        Assert.IsType(type, tool);
        Assert.Contains($"\"{tool.Type}\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void The_settings_of_a_file_search_are_typed()
    {
        var tool = (AssistantToolsFileSearch)ToolOf("""
            { "type": "file_search", "file_search": { "max_num_results": 7,
              "ranking_options": { "ranker": "auto", "score_threshold": 0.25 } } }
            """);

        Assert.Equal(7, tool.FileSearch.Value!.MaxNumResults.Value);
        Assert.Equal("auto", tool.FileSearch.Value.RankingOptions.Value!.Ranker.Value);
        Assert.Equal(0.25, tool.FileSearch.Value.RankingOptions.Value.ScoreThreshold.Value);
    }

    [Fact]
    public void A_function_is_typed()
    {
        var tool = (AssistantToolsFunction)ToolOf("""
            { "type": "function", "function": { "name": "f", "description": "d", "parameters": { "type": "object" }, "strict": true } }
            """);

        Assert.Equal("f", tool.Function.Name);
        Assert.Equal("d", tool.Function.Description.Value);
        Assert.Equal("object", tool.Function.Parameters.Value!.Value.GetProperty("type").GetString());
        Assert.True(tool.Function.Strict.Value);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("auto")]
    [InlineData("required")]
    public void A_mode_of_tool_choice_is_known(string mode)
    {
        var choice = Assert.IsType<AssistantsApiToolChoiceMode>(ChoiceOf($"\"{mode}\""));

        Assert.Equal(mode, choice.Value);
        Assert.True(choice.IsKnown);
    }

    [Fact]
    public void A_named_function_is_a_tool_choice()
    {
        var choice = Assert.IsType<AssistantsNamedToolChoice>(ChoiceOf("""{ "type": "function", "function": { "name": "f", "x": 1 } }"""));

        Assert.Equal("function", choice.Type);
        Assert.Equal("f", choice.Function.Value!.Name);
    }

    [Theory]
    [InlineData("\"at_most_one\"", typeof(AssistantsApiToolChoiceMode))]
    [InlineData("""{ "type": "file_search" }""", typeof(AssistantsNamedToolChoice))]
    [InlineData("""{ "allowed": ["f"] }""", typeof(AssistantsApiToolChoiceUnknown))]
    [InlineData("""["f"]""", typeof(AssistantsApiToolChoiceUnknown))]
    public void Any_other_tool_choice_is_kept(string json, Type type) => Assert.IsType(type, ChoiceOf(json));

    [Theory]
    [InlineData("\"auto\"", typeof(AssistantsApiResponseFormatMode))]
    [InlineData("\"yaml\"", typeof(AssistantsApiResponseFormatMode))]
    [InlineData("""{ "type": "text" }""", typeof(AssistantsApiResponseFormat))]
    [InlineData("""{ "type": "json_object" }""", typeof(AssistantsApiResponseFormat))]
    [InlineData(
        """{ "type": "json_schema", "json_schema": { "name": "n", "description": null, "schema": {}, "strict": false, "x": 1 } }""",
        typeof(AssistantsApiResponseFormat))]
    [InlineData("""{ "grammar": "s: x" }""", typeof(AssistantsApiResponseFormatUnknown))]
    [InlineData("true", typeof(AssistantsApiResponseFormatUnknown))]
    public void A_response_format_has_the_shape_that_was_sent(string json, Type type) =>
        Assert.IsType(type, RoundTrips(With(Samples.QueuedRun, "response_format", json), WireJsonContext.Default.RunObject).ResponseFormat);

    [Fact]
    public void A_function_without_a_name_is_refused() =>
        Assert.Throws<JsonException>(() => ToolOf("""{ "type": "function", "function": { "description": "d" } }"""));

    private static AssistantTools ToolOf(string json) =>
        Assert.Single(RoundTrips(With(Samples.QueuedRun, "tools", $"[{json}]"), WireJsonContext.Default.RunObject).Tools);

    private static AssistantsApiToolChoiceOption ChoiceOf(string json) =>
        RoundTrips(With(Samples.QueuedRun, "tool_choice", json), WireJsonContext.Default.RunObject).ToolChoice!;
}
